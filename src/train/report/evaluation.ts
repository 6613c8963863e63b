// The figures of a report, made from the held-out rows by evaluate-classification.ts or evaluate-anomaly.ts. All parts of
// the report (JSON, plots, page, card) are drawn from it.
import type { Interval } from '../metrics/bootstrap-intervals.ts'
import type { ClassScore } from '../metrics/class-scores.ts'
import type { ConfusionMatrix } from '../metrics/confusion-matrix.ts'
import type { CoveragePoint } from '../metrics/coverage-curve.ts'
import type { PrecisionRecallCurve } from '../metrics/precision-recall-curve.ts'
import type { ReliabilityBin } from '../metrics/reliability-bins.ts'
import type { RocCurve } from '../metrics/roc-curve.ts'
import type { SuggestedThresholds } from '../metrics/suggest-thresholds.ts'
import type { EpochRecord, RowReference } from './evaluation-input.ts'

/** One class against the rest. */
export interface ClassCurves {
  readonly label: string
  readonly roc_auc: number | null
  readonly average_precision: number | null
  /** null where the class has no rows, or all of them. */
  readonly roc: RocCurve | null
  readonly pr: PrecisionRecallCurve | null
}

export interface Mistake {
  /** Index of the held-out row. */
  readonly row: number
  readonly label: string
  readonly named: string
  /** Probability of the class named, or the score. */
  readonly score: number
  readonly reference: RowReference | null
}

export interface Suggestion {
  readonly thresholds: SuggestedThresholds
  /** Which rows they come from. */
  readonly from: 'validation' | 'test'
  /** The class that is named at or above the threshold. */
  readonly positive: string
}

/** Scores by kind of row, for anomaly detection. */
export interface ScoreGroups {
  readonly name: string
  readonly threshold: number
  readonly normal: readonly number[]
  readonly anomalous: readonly number[]
  readonly training: readonly number[]
}

export interface Evaluation {
  readonly kind: 'classification' | 'anomaly'
  readonly classes: readonly string[]
  readonly rows: number
  /** scikit-learn's names; what is undefined is left out. */
  readonly metrics: Readonly<Record<string, number>>
  /** 95 % intervals of some metrics. */
  readonly intervals: Readonly<Record<string, Interval>>
  /** The metrics that a person reads first. */
  readonly headline: readonly string[]
  readonly scores: readonly ClassScore[]
  readonly confusion: ConfusionMatrix
  /** By class; of two classes the positive one alone. */
  readonly curves: readonly ClassCurves[]
  readonly reliability: readonly ReliabilityBin[] | null
  readonly coverage: readonly CoveragePoint[] | null
  readonly suggestion: Suggestion | null
  readonly groups: ScoreGroups | null
  /** Worst first. */
  readonly mistakes: readonly Mistake[]
  readonly mistakeCount: number
  readonly history: readonly EpochRecord[]
  readonly bestEpoch: number | null
}
