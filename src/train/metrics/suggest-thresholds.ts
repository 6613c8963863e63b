// Where to put the threshold of a yes-or-no answer: three usual choices, each the highest score among equals. They are
// suggestions; taken from the very rows that metrics are stated on, they flatter those metrics.
import type { ThresholdCounts } from './threshold-counts.ts'

export interface SuggestedThreshold {
  /** A row is positive where its score ≥ this. */
  readonly threshold: number
  /** What the threshold was chosen for: the equal error rate, Youden's J or F1. */
  readonly value: number
  readonly true_positive_rate: number
  readonly false_positive_rate: number
}

export interface SuggestedThresholds {
  /** As many of the positives missed as of the negatives taken for positive. */
  readonly equal_error_rate: SuggestedThreshold
  /** Most true positives less false ones, by rate (Youden 1950). */
  readonly youden: SuggestedThreshold
  /** Best F1 of the positive class. */
  readonly f1: SuggestedThreshold
}

/** Differences that floating point alone makes do not count. */
const SAME = 1e-12

/** @returns null without rows of either kind */
export function suggestThresholds(counts: ThresholdCounts): SuggestedThresholds | null {
  const { thresholds, truePositives, falsePositives, positives, negatives } = counts
  if (positives === 0 || negatives === 0) return null
  const tpr = (i: number) => truePositives[i]! / positives
  const fpr = (i: number) => falsePositives[i]! / negatives
  const at = (score: (i: number) => number, value = score): SuggestedThreshold => {
    let best = 0
    for (let i = 1; i < thresholds.length; i++) if (score(i) > score(best) + SAME) best = i
    return {
      threshold: thresholds[best]!,
      value: value(best),
      true_positive_rate: tpr(best),
      false_positive_rate: fpr(best),
    }
  }
  return {
    equal_error_rate: at(
      (i) => -Math.abs(fpr(i) - (1 - tpr(i))),
      (i) => (fpr(i) + 1 - tpr(i)) / 2,
    ),
    youden: at((i) => tpr(i) - fpr(i)),
    f1: at((i) => (2 * truePositives[i]!) / (positives + truePositives[i]! + falsePositives[i]!)),
  }
}
