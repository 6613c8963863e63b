// Rows by falling score, and what is counted above each distinct score: the common ground of ROC, precision-recall and
// thresholds. A row is named positive where its score ≥ the threshold.

/** Row indexes by falling score. */
export function rankScores(scores: ArrayLike<number>): Uint32Array {
  return Uint32Array.from(scores, (_, row) => row).sort((a, b) => scores[b]! - scores[a]!)
}

export interface ThresholdCounts {
  /** The distinct scores, falling. */
  readonly thresholds: Float64Array
  /** Positive rows with score ≥ threshold. */
  readonly truePositives: Float64Array
  /** Negative rows with score ≥ threshold. */
  readonly falsePositives: Float64Array
  readonly positives: number
  readonly negatives: number
}

/**
 * @param positives truthy where the row is positive
 * @param scores any finite numbers, greater is more positive
 * @param weights how often each row counts; once by default, with 0 not at all
 */
export function thresholdCounts(
  positives: ArrayLike<number>,
  scores: ArrayLike<number>,
  weights?: ArrayLike<number>,
): ThresholdCounts {
  const ranking = rankScores(scores)
  const n = ranking.length
  const thresholds = new Float64Array(n)
  const truePositives = new Float64Array(n)
  const falsePositives = new Float64Array(n)
  let [tp, fp, length] = [0, 0, 0]
  for (const row of ranking) {
    const weight = weights === undefined ? 1 : weights[row]!
    if (weight === 0) continue
    if (positives[row]) tp += weight
    else fp += weight
    // Rows of the same score share one threshold.
    if (length === 0 || thresholds[length - 1] !== scores[row]) length += 1
    thresholds[length - 1] = scores[row]!
    truePositives[length - 1] = tp
    falsePositives[length - 1] = fp
  }
  return {
    thresholds: thresholds.subarray(0, length),
    truePositives: truePositives.subarray(0, length),
    falsePositives: falsePositives.subarray(0, length),
    positives: tp,
    negatives: fp,
  }
}
