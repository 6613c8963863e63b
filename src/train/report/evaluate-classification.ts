// Labels and probabilities of held-out rows → metrics, intervals, curves, calibration and mistakes.
import { expectedCalibrationError } from '../expected-calibration-error.ts'
import { bootstrapIntervals, type Interval } from '../metrics/bootstrap-intervals.ts'
import { classScores, overallScores } from '../metrics/class-scores.ts'
import { confusionMatrix } from '../metrics/confusion-matrix.ts'
import { coverageCurve } from '../metrics/coverage-curve.ts'
import { averagePrecision, precisionRecallCurve } from '../metrics/precision-recall-curve.ts'
import { brierScore, logLoss } from '../metrics/probability-losses.ts'
import { reliabilityBins } from '../metrics/reliability-bins.ts'
import { rankedAuc, rocAuc, rocCurve } from '../metrics/roc-curve.ts'
import { suggestThresholds } from '../metrics/suggest-thresholds.ts'
import { rankScores, thresholdCounts } from '../metrics/threshold-counts.ts'
import type { ClassCurves, Evaluation, Mistake, Suggestion } from './evaluation.ts'
import type { ClassificationInput, EvaluationInput } from './evaluation-input.ts'
import { draws, groupIndexes } from './resampling.ts'

const MISTAKES_KEPT = 100

/** @param input checked by `evaluate` */
export function evaluateClassification(
  input: Extract<EvaluationInput, { kind: 'classification' }>,
): Evaluation {
  const { classes, labels, probabilities } = input
  const columns = classes.length
  const binary = columns === 2
  const named = nameRows(input)
  const confidences = Float64Array.from(named, (c, row) => probabilities[row * columns + c]!)
  const correct = Uint8Array.from(named, (c, row) => (c === labels[row] ? 1 : 0))
  const confusion = confusionMatrix(labels, named, columns)
  const scores = classScores(confusion)
  const judged = binary ? [positiveOf(input)] : classes.map((_, c) => c)
  const curves = judged.map((c) => classCurves(input, c))
  const { precision, recall, f1 } = scores[judged[0]!]!
  const metrics = {
    ...overallScores(scores),
    ...(binary && { precision, recall, f1 }),
    roc_auc: mean(curves.map((curve) => curve.roc_auc)),
    average_precision: mean(curves.map((curve) => curve.average_precision)),
    log_loss: logLoss(probabilities, labels, columns),
    brier_score: brierScore(probabilities, labels, columns),
    expected_calibration_error: expectedCalibrationError(confidences, correct),
    threshold: binary ? (input.decision?.threshold ?? 0.5) : null,
  }
  const mistakes = worstMistakes(input, named)
  return {
    kind: 'classification',
    classes,
    rows: labels.length,
    metrics: defined(metrics),
    intervals: intervalsOf(input, named, judged),
    headline: [
      'accuracy',
      'balanced_accuracy',
      'f1_macro',
      'roc_auc',
      'expected_calibration_error',
    ],
    scores,
    confusion,
    curves,
    reliability: reliabilityBins(confidences, correct),
    coverage: coverageCurve(confidences, correct),
    suggestion: binary ? suggest(input) : null,
    groups: null,
    mistakes: mistakes.slice(0, MISTAKES_KEPT),
    mistakeCount: mistakes.length,
    history: input.history ?? [],
    bestEpoch: input.bestEpoch ?? null,
  }
}

function positiveOf({ decision }: ClassificationInput): number {
  return decision?.positive ?? 1
}

function nameRows({ classes, labels, probabilities, decision }: ClassificationInput): Int32Array {
  const columns = classes.length
  return Int32Array.from(labels, (_, row) => {
    const at = row * columns
    if (columns === 2 && decision !== undefined) {
      const { positive, threshold } = decision
      return probabilities[at + positive]! >= threshold ? positive : 1 - positive
    }
    let best = 0
    for (let c = 1; c < columns; c++) {
      if (probabilities[at + c]! > probabilities[at + best]!) best = c
    }
    return best
  })
}

function against(
  {
    classes,
    labels,
    probabilities,
  }: Pick<ClassificationInput, 'labels' | 'probabilities'> & {
    readonly classes: readonly string[]
  },
  c: number,
): { positives: Uint8Array; scores: Float64Array } {
  return {
    positives: Uint8Array.from(labels, (label) => (label === c ? 1 : 0)),
    scores: Float64Array.from(labels, (_, row) => probabilities[row * classes.length + c]!),
  }
}

function classCurves(input: ClassificationInput, c: number): ClassCurves {
  const { positives, scores } = against(input, c)
  const counts = thresholdCounts(positives, scores)
  return {
    label: input.classes[c]!,
    roc_auc: rocAuc(counts),
    // Without negative rows precision is 1 at every threshold and says nothing.
    average_precision: counts.negatives === 0 ? null : averagePrecision(counts),
    roc: rocCurve(counts),
    pr: counts.negatives === 0 ? null : precisionRecallCurve(counts),
  }
}

function suggest(input: ClassificationInput): Suggestion | null {
  const positive = positiveOf(input)
  const from = input.validation === undefined ? 'test' : 'validation'
  const rows = { classes: input.classes, ...(input.validation ?? input) }
  const { positives, scores } = against(rows as ClassificationInput, positive)
  const thresholds = suggestThresholds(thresholdCounts(positives, scores))
  return thresholds && { thresholds, from, positive: input.classes[positive]! }
}

/** Resampling whole rankings of many classes would take longer than the training. */
const MAX_RANKED = 200_000

function intervalsOf(
  input: ClassificationInput,
  named: Int32Array,
  judged: readonly number[],
): Record<string, Interval> {
  const { classes, labels } = input
  const cells = labels.length * judged.length
  const rankings = (cells > MAX_RANKED ? [] : judged).map((c) => {
    const { positives, scores } = against(input, c)
    return { positives, scores, ranking: rankScores(scores) }
  })
  const groups = groupIndexes(input.groups)
  return bootstrapIntervals(
    labels.length,
    (weights) => {
      const scores = classScores(confusionMatrix(labels, named, classes.length, weights))
      const { accuracy, balanced_accuracy, f1_macro } = overallScores(scores)
      const areas = rankings.map(({ positives, scores: s, ranking }) =>
        rankedAuc(positives, s, weights, ranking),
      )
      const of = classes.length === 2 ? scores[judged[0]!]! : null
      const binary = of && { precision: of.precision, recall: of.recall, f1: of.f1 }
      return { accuracy, balanced_accuracy, f1_macro, roc_auc: mean(areas), ...binary }
    },
    { draws: draws(cells), ...(groups && { groups }) },
  )
}

/** Surest first: the rows that were wrong by the widest margin of probability. */
function worstMistakes(input: ClassificationInput, named: Int32Array): Mistake[] {
  const { classes, labels, probabilities, rows } = input
  const at = (row: number, c: number) => probabilities[row * classes.length + c]!
  const wrong = Array.from(named, (_, row) => row).filter((row) => named[row] !== labels[row])
  const margin = (row: number) => at(row, named[row]!) - at(row, labels[row]!)
  wrong.sort((a, b) => margin(b) - margin(a) || a - b)
  return wrong.map((row) => ({
    row,
    label: classes[labels[row]!]!,
    named: classes[named[row]!]!,
    score: at(row, named[row]!),
    reference: rows?.[row] ?? null,
  }))
}

function mean(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length
}

function defined(metrics: Readonly<Record<string, number | null>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(metrics).filter((entry): entry is [string, number] => entry[1] !== null),
  )
}
