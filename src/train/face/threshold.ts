// Where fake begins: the probability at which as many fakes pass as real faces are refused, on validation pictures.
import { suggestThresholds } from '../metrics/suggest-thresholds.ts'
import { thresholdCounts } from '../metrics/threshold-counts.ts'

/**
 * Half-way between the score that the equal error rate falls on and the next lower one, so that pictures like the nearest
 * on either side stay on theirs.
 * @param isFake 1 or 0 for each row
 * @param scores probability of a fake
 * @returns 0.5 where all rows are of one kind
 */
export function equalErrorThreshold(
  isFake: ArrayLike<number>,
  scores: ArrayLike<number>,
): { readonly threshold: number; readonly errorRate: number | null } {
  const counts = thresholdCounts(isFake, scores)
  const best = suggestThresholds(counts)?.equal_error_rate
  if (best === undefined) return { threshold: 0.5, errorRate: null }
  const at = counts.thresholds.indexOf(best.threshold)
  const below = counts.thresholds[at + 1] ?? best.threshold
  return { threshold: (best.threshold + below) / 2, errorRate: best.value }
}
