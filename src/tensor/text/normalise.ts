// Row norms of text vectors, as scikit-learn's `normalize`.

/** In place; a row of zeros stays. */
export function normalise(values: Float64Array, norm: 'l1' | 'l2' | null): void {
  let sum = 0
  for (const value of values) sum += norm === 'l1' ? Math.abs(value) : value * value
  const length = norm === 'l2' ? Math.sqrt(sum) : sum
  if (norm === null || length === 0) return
  for (let i = 0; i < values.length; i++) values[i]! /= length
}
