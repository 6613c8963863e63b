// Precision against recall, and average precision, as scikit-learn's `precision_recall_curve` and `average_precision_score`.
import type { ThresholdCounts } from './threshold-counts.ts'

export interface PrecisionRecallCurve {
  /** One more than thresholds: the last is 1, at recall 0. */
  readonly precision: readonly number[]
  /** Falling from 1 to 0. */
  readonly recall: readonly number[]
  /** Rising. */
  readonly thresholds: readonly number[]
}

/** @returns null without positive rows */
export function precisionRecallCurve(counts: ThresholdCounts): PrecisionRecallCurve | null {
  const { thresholds, truePositives, positives } = counts
  if (positives === 0) return null
  return {
    precision: [...precisionsOf(counts).reverse(), 1],
    recall: [...Array.from(truePositives, (tp) => tp / positives).reverse(), 0],
    thresholds: [...thresholds].reverse(),
  }
}

/** Precision at each threshold weighted by the recall it adds; no interpolation. @returns null without positive rows */
export function averagePrecision(counts: ThresholdCounts): number | null {
  const { truePositives: tp, positives } = counts
  if (positives === 0) return null
  return precisionsOf(counts).reduce(
    (sum, precision, i) => sum + (precision * (tp[i]! - (i === 0 ? 0 : tp[i - 1]!))) / positives,
    0,
  )
}

function precisionsOf({ truePositives, falsePositives }: ThresholdCounts): number[] {
  return Array.from(truePositives, (tp, i) => {
    const named = tp + falsePositives[i]!
    return named === 0 ? 0 : tp / named
  })
}
