// Scores of held-out normal and anomalous rows → how well the threshold parts them. Either kind may be missing.
import { bootstrapIntervals } from '../metrics/bootstrap-intervals.ts'
import { classScores, overallScores } from '../metrics/class-scores.ts'
import { confusionMatrix } from '../metrics/confusion-matrix.ts'
import { averagePrecision, precisionRecallCurve } from '../metrics/precision-recall-curve.ts'
import { rankedAuc, rocAuc, rocCurve } from '../metrics/roc-curve.ts'
import { suggestThresholds } from '../metrics/suggest-thresholds.ts'
import { rankScores, thresholdCounts } from '../metrics/threshold-counts.ts'
import type { Evaluation, Mistake } from './evaluation.ts'
import type { AnomalyInput, EvaluationInput } from './evaluation-input.ts'
import { draws, groupIndexes } from './resampling.ts'

const CLASSES = ['normal', 'anomalous'] as const
const MISTAKES_KEPT = 100

/** @param input checked by `evaluate` */
export function evaluateAnomaly(input: Extract<EvaluationInput, { kind: 'anomaly' }>): Evaluation {
  const { labels, scores, threshold } = input
  const named = Uint8Array.from(scores, (score) => (score > threshold ? 1 : 0))
  const counts = thresholdCounts(labels, scores)
  const partable = counts.positives > 0 && counts.negatives > 0
  const confusion = confusionMatrix(labels, named, 2)
  const mistakes = worstMistakes(input, named)
  const thresholds = suggestThresholds(counts)
  const metrics = {
    ...figures(input, named),
    roc_auc: rocAuc(counts),
    average_precision: partable ? averagePrecision(counts) : null,
    threshold,
  }
  const known = Object.entries(metrics).filter((entry) => entry[1] !== null)
  return {
    kind: 'anomaly',
    classes: CLASSES,
    rows: labels.length,
    metrics: Object.fromEntries(known) as Record<string, number>,
    intervals: intervalsOf(input, named),
    headline: ['roc_auc', 'recall', 'false_alarm_rate', 'f1', 'threshold'],
    scores: classScores(confusion),
    confusion,
    curves: [
      {
        label: CLASSES[1],
        roc_auc: metrics.roc_auc,
        average_precision: metrics.average_precision,
        roc: rocCurve(counts),
        pr: partable ? precisionRecallCurve(counts) : null,
      },
    ],
    reliability: null,
    coverage: null,
    suggestion: thresholds && { thresholds, from: 'test', positive: CLASSES[1] },
    groups: groupScores(input),
    mistakes: mistakes.slice(0, MISTAKES_KEPT),
    mistakeCount: mistakes.length,
    history: input.history ?? [],
    bestEpoch: input.bestEpoch ?? null,
  }
}

type Figures = Readonly<Record<string, number | null>>

function figures({ labels }: AnomalyInput, named: Uint8Array, weights?: Float64Array): Figures {
  const scores = classScores(confusionMatrix(labels, named, 2, weights))
  const [normal, anomalous] = scores as [(typeof scores)[0], (typeof scores)[0]]
  const both = normal.support > 0 && anomalous.support > 0
  const { accuracy, balanced_accuracy } = overallScores(scores)
  return {
    accuracy,
    balanced_accuracy: both ? balanced_accuracy : null,
    precision: both ? anomalous.precision : null,
    recall: anomalous.support > 0 ? anomalous.recall : null,
    f1: both ? anomalous.f1 : null,
    false_alarm_rate: normal.support > 0 ? 1 - normal.recall : null,
  }
}

function intervalsOf(input: AnomalyInput, named: Uint8Array): Evaluation['intervals'] {
  const { labels, scores } = input
  const ranking = rankScores(scores)
  const groups = groupIndexes(input.groups)
  return bootstrapIntervals(
    labels.length,
    (weights) => ({
      ...figures(input, named, weights),
      roc_auc: rankedAuc(labels, scores, weights, ranking),
    }),
    { draws: draws(labels.length), ...(groups && { groups }) },
  )
}

function groupScores(input: AnomalyInput): NonNullable<Evaluation['groups']> {
  const { labels, scores, threshold, scoreName, trainingScores } = input
  const all = Array.from(scores)
  return {
    name: scoreName ?? 'reconstruction error',
    threshold,
    normal: all.filter((_, row) => labels[row] === 0),
    anomalous: all.filter((_, row) => labels[row] === 1),
    training: Array.from(trainingScores ?? []),
  }
}

/** Furthest on the wrong side of the threshold first. */
function worstMistakes({ labels, scores, threshold, rows }: AnomalyInput, named: Uint8Array) {
  const wrong = Array.from(named, (_, row) => row).filter((row) => named[row] !== labels[row])
  const distance = (row: number) => Math.abs(scores[row]! - threshold)
  wrong.sort((a, b) => distance(b) - distance(a) || a - b)
  return wrong.map(
    (row): Mistake => ({
      row,
      label: CLASSES[labels[row] as 0 | 1],
      named: CLASSES[named[row] as 0 | 1],
      score: scores[row]!,
      reference: rows?.[row] ?? null,
    }),
  )
}
