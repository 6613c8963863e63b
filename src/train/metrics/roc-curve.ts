// The receiver operating characteristic and the area under it, as scikit-learn's `roc_curve` and `roc_auc_score`.
import type { ThresholdCounts } from './threshold-counts.ts'

export interface RocCurve {
  /** False-positive rate, rising from 0 to 1. */
  readonly fpr: readonly number[]
  /** True-positive rate, rising from 0 to 1. */
  readonly tpr: readonly number[]
  /** Falling; the first is infinite: nothing is named positive. */
  readonly thresholds: readonly number[]
}

/** Corners only: points on a straight line between others are left out. @returns null without rows of either kind */
export function rocCurve(counts: ThresholdCounts): RocCurve | null {
  const { thresholds, truePositives: tp, falsePositives: fp, positives, negatives } = counts
  if (positives === 0 || negatives === 0) return null
  const last = thresholds.length - 1
  const kept = Array.from(thresholds, (_, i) => i).filter((i) => {
    // The first step starts at the origin, which is always kept; so is what bends.
    if (i === 0 || i === last) return true
    const before = tp[i]! - tp[i - 1]! !== tp[i + 1]! - tp[i]!
    return before || fp[i]! - fp[i - 1]! !== fp[i + 1]! - fp[i]!
  })
  return {
    fpr: [0, ...kept.map((i) => fp[i]! / negatives)],
    tpr: [0, ...kept.map((i) => tp[i]! / positives)],
    thresholds: [Number.POSITIVE_INFINITY, ...kept.map((i) => thresholds[i]!)],
  }
}

/** The chance that a positive row scores above a negative one, ties counting half. @returns null without rows of either kind */
export function rocAuc(counts: ThresholdCounts): number | null {
  const { truePositives: tp, falsePositives: fp, positives, negatives } = counts
  if (positives === 0 || negatives === 0) return null
  let area = 0
  for (let i = 0; i < tp.length; i++) {
    const [tp0, fp0] = i === 0 ? [0, 0] : [tp[i - 1]!, fp[i - 1]!]
    area += ((fp[i]! - fp0) * (tp[i]! + tp0)) / 2
  }
  return area / positives / negatives
}

/**
 * `rocAuc` of weighted rows without keeping the counts, which drawing rows again a thousand times needs.
 * @param ranking `rankScores(scores)`
 * @returns null without rows of either kind
 */
export function rankedAuc(
  positives: ArrayLike<number>,
  scores: ArrayLike<number>,
  weights: ArrayLike<number>,
  ranking: Uint32Array,
): number | null {
  let [tp, fp, tpBefore, fpBefore, area] = [0, 0, 0, 0, 0]
  let threshold = Number.POSITIVE_INFINITY
  for (let i = 0; i < ranking.length; i++) {
    const row = ranking[i]!
    const weight = weights[row]!
    if (weight === 0) continue
    if (scores[row]! !== threshold) {
      area += ((fp - fpBefore) * (tp + tpBefore)) / 2
      threshold = scores[row]!
      tpBefore = tp
      fpBefore = fp
    }
    if (positives[row]! !== 0) tp += weight
    else fp += weight
  }
  area += ((fp - fpBefore) * (tp + tpBefore)) / 2
  return tp === 0 || fp === 0 ? null : area / tp / fp
}
