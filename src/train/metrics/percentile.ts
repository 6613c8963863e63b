// The percentile of numbers, between neighbours by straight line, as NumPy's `percentile`; exact, where
// tensor/quantile-sketch.ts is bounded in memory.

/**
 * @param values at least one
 * @param percent 0..100
 */
export function percentile(values: ArrayLike<number>, percent: number): number {
  const sorted = Float64Array.from(values).sort()
  const place = (percent / 100) * (sorted.length - 1)
  const below = Math.floor(place)
  const above = Math.min(below + 1, sorted.length - 1)
  return sorted[below]! + (place - below) * (sorted[above]! - sorted[below]!)
}

/** Share of values above the threshold: of errors of normal rows, the false-alarm rate. @returns null without values */
export function shareAbove(values: ArrayLike<number>, threshold: number): number | null {
  let above = 0
  for (let i = 0; i < values.length; i++) if (values[i]! > threshold) above += 1
  return values.length === 0 ? null : above / values.length
}
