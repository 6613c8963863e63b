// The report for machines: metrics under scikit-learn's names, classes as in its `classification_report(output_dict=True)`.
import type { Evaluation } from './evaluation.ts'
import type { EvaluationInput, ReportContext } from './evaluation-input.ts'

/** Curves of more classes than this would make the file large; their areas stand by class. */
const MOST_CURVES = 10

export function toReportJson(
  evaluation: Evaluation,
  input: EvaluationInput,
  context: ReportContext,
): string {
  const { kind, rows, metrics, intervals, classes, confusion, groups } = evaluation
  const curves = evaluation.curves.length > MOST_CURVES ? [] : evaluation.curves
  const document = {
    format: 1,
    service: context.service,
    version: context.version,
    created: context.created,
    job: context.job ?? null,
    kind,
    rows,
    metrics,
    intervals,
    gate: context.gate ?? null,
    classification_report: classificationReport(evaluation),
    confusion_matrix: {
      labels: classes,
      matrix: classes.map((_, c) => [
        ...confusion.counts.subarray(c * classes.length, (c + 1) * classes.length),
      ]),
    },
    roc_curve: Object.fromEntries(curves.map(({ label, roc }) => [label, roc])),
    precision_recall_curve: Object.fromEntries(curves.map(({ label, pr }) => [label, pr])),
    calibration: evaluation.reliability,
    thresholds: evaluation.suggestion,
    scores: groups,
    mistakes: {
      count: evaluation.mistakeCount,
      worst: evaluation.mistakes.map(({ reference, ...mistake }) => ({
        ...mistake,
        id: reference?.id ?? null,
        ...(reference?.text !== undefined && { text: reference.text }),
      })),
    },
    history: evaluation.history,
    best_epoch: evaluation.bestEpoch,
    data: input.data ?? null,
    notices: context.notices ?? [],
    method: input.method ?? null,
    parameters: input.parameters ?? {},
    environment: context.environment ?? {},
    durations: input.durations ?? {},
  }
  // JSON has no infinity; the first threshold of a ROC curve becomes null.
  return `${JSON.stringify(document, null, 1)}\n`
}

function classificationReport({ classes, scores, curves, metrics }: Evaluation): object {
  const areas = new Map(curves.map((curve) => [curve.label, curve]))
  const support = scores.reduce((sum, score) => sum + score.support, 0)
  const mean = (suffix: string) => ({
    precision: metrics[`precision_${suffix}`],
    recall: metrics[`recall_${suffix}`],
    'f1-score': metrics[`f1_${suffix}`],
    support,
  })
  const byClass = classes.map((label, c) => {
    const score = scores[c]!
    const curve = areas.get(label)
    return [
      label,
      {
        precision: score.precision,
        recall: score.recall,
        'f1-score': score.f1,
        support: score.support,
        roc_auc: curve?.roc_auc ?? null,
        average_precision: curve?.average_precision ?? null,
      },
    ]
  })
  return {
    ...Object.fromEntries(byClass),
    accuracy: metrics.accuracy,
    ...(metrics.f1_macro !== undefined && {
      'macro avg': mean('macro'),
      'weighted avg': mean('weighted'),
    }),
  }
}
