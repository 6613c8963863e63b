// Do probabilities keep their promise? Rows in equal-width bins of confidence: how sure the model was, how often right.

export interface ReliabilityBin {
  readonly lower: number
  readonly upper: number
  readonly count: number
  /** Mean confidence of its rows; null where the bin is empty. */
  readonly confidence: number | null
  /** Share of its rows that were right; null where the bin is empty. */
  readonly accuracy: number | null
}

/**
 * @param confidences probability of the class named, 0..1
 * @param correct truthy where that class was right
 */
export function reliabilityBins(
  confidences: ArrayLike<number>,
  correct: ArrayLike<number>,
  bins = 15,
): ReliabilityBin[] {
  const counts = new Float64Array(bins)
  const sums = new Float64Array(bins)
  const hits = new Float64Array(bins)
  for (let i = 0; i < confidences.length; i++) {
    const confidence = confidences[i]!
    // Bins are open at their lower end: 0.2 belongs to (0.1, 0.2].
    const bin = Math.min(Math.max(Math.ceil(confidence * bins) - 1, 0), bins - 1)
    counts[bin]! += 1
    sums[bin]! += confidence
    if (correct[i]) hits[bin]! += 1
  }
  return Array.from(counts, (count, bin) => ({
    lower: bin / bins,
    upper: (bin + 1) / bins,
    count,
    confidence: count === 0 ? null : sums[bin]! / count,
    accuracy: count === 0 ? null : hits[bin]! / count,
  }))
}
