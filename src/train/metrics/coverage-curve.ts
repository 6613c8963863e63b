// If only answers above some confidence are trusted: how many are left, and how many of those are right?

export interface CoveragePoint {
  /** Answers with confidence ≥ this are kept. */
  readonly threshold: number
  /** Share of rows that are kept, 0..1. */
  readonly coverage: number
  /** Share of the kept rows that are right. */
  readonly accuracy: number
}

/** @returns a point for each distinct confidence, falling, so coverage rises to 1 */
export function coverageCurve(
  confidences: ArrayLike<number>,
  correct: ArrayLike<number>,
): CoveragePoint[] {
  const order = Uint32Array.from(confidences, (_, row) => row).sort(
    (a, b) => confidences[b]! - confidences[a]!,
  )
  const points: CoveragePoint[] = []
  let hits = 0
  for (const [i, row] of order.entries()) {
    if (correct[row]) hits += 1
    const next = order[i + 1]
    if (next !== undefined && confidences[next] === confidences[row]) continue
    const kept = i + 1
    points.push({
      threshold: confidences[row]!,
      coverage: kept / order.length,
      accuracy: hits / kept,
    })
  }
  return points
}

/** The lowest threshold whose kept rows are right at least that often. @returns null where there is none */
export function thresholdForAccuracy(
  curve: readonly CoveragePoint[],
  accuracy: number,
): CoveragePoint | null {
  return curve.findLast((point) => point.accuracy >= accuracy) ?? null
}
