// How far probabilities are from what they promise.
import { reliabilityBins } from './metrics/reliability-bins.ts'

/**
 * Expected calibration error of the top class: rows in equal-width bins of confidence, the gap between mean
 * confidence and accuracy in each, weighted by its rows (Guo et al. 2017).
 *
 * @param confidences probability of the class named, 0..1
 * @param correct truthy where that class was right
 */
export function expectedCalibrationError(
  confidences: ArrayLike<number>,
  correct: ArrayLike<number>,
  bins = 15,
): number {
  const gaps = reliabilityBins(confidences, correct, bins).map(({ count, confidence, accuracy }) =>
    count === 0 ? 0 : count * Math.abs(confidence! - accuracy!),
  )
  return gaps.reduce((sum, gap) => sum + gap, 0) / Math.max(confidences.length, 1)
}
