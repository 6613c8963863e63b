// Principal components scaled to unit variance: after it a step along any direction in which normal machines hardly
// vary weighs as much as one along the directions in which they vary most.

export interface Whitening {
  /** Subtracted first. */
  readonly mean: Float64Array
  /** [features, features] row-major; (x − mean) · matrix has covariance 1. */
  readonly matrix: Float64Array
}

/** A component with less than this part of the mean variance is rounding, and stays small. */
const SMALLEST = 1e-6

/** @param rows at least two, of equal length */
export function fitWhitening(rows: readonly ArrayLike<number>[]): Whitening {
  const width = rows[0]!.length
  const mean = new Float64Array(width)
  for (const row of rows) for (let i = 0; i < width; i++) mean[i]! += row[i]! / rows.length
  const scale = new Float64Array(width)
  for (const row of rows) {
    for (let i = 0; i < width; i++) scale[i]! += (row[i]! - mean[i]!) ** 2 / rows.length
  }
  for (let i = 0; i < width; i++) scale[i] = Math.sqrt(scale[i]!) || 1
  const correlation = new Float64Array(width * width)
  for (const row of rows) {
    for (let i = 0; i < width; i++) {
      for (let j = 0; j < width; j++) {
        const product = ((row[i]! - mean[i]!) / scale[i]!) * ((row[j]! - mean[j]!) / scale[j]!)
        correlation[i * width + j]! += product / rows.length
      }
    }
  }
  const { values, vectors } = symmetricEigen(correlation, width)
  const matrix = new Float64Array(width * width)
  for (let i = 0; i < width; i++) {
    for (let k = 0; k < width; k++) {
      const deviation = Math.sqrt(Math.max(values[k]!, SMALLEST))
      matrix[i * width + k] = vectors[i * width + k]! / scale[i]! / deviation
    }
  }
  return { mean, matrix }
}

/**
 * Eigenvalues and, column by column, eigenvectors of a symmetric matrix, by Jacobi's rotations.
 * Source: Golub & Van Loan, "Matrix Computations", §8.5.
 */
export function symmetricEigen(
  matrix: Float64Array,
  n: number,
): { readonly values: Float64Array; readonly vectors: Float64Array } {
  const a = matrix.slice()
  const vectors = new Float64Array(n * n)
  for (let i = 0; i < n; i++) vectors[i * n + i] = 1
  for (let sweep = 0; sweep < 60; sweep++) {
    let off = 0
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) off += a[p * n + q]! ** 2
    if (off < 1e-24) break
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) rotate(a, vectors, n, p, q)
  }
  return { values: Float64Array.from({ length: n }, (_, i) => a[i * n + i]!), vectors }
}

/** Makes a[p, q] zero. */
function rotate(a: Float64Array, vectors: Float64Array, n: number, p: number, q: number): void {
  const apq = a[p * n + q]!
  if (apq === 0) return
  const theta = (a[q * n + q]! - a[p * n + p]!) / (2 * apq)
  const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1))
  const c = 1 / Math.sqrt(t * t + 1)
  const s = t * c
  const turn = (array: Float64Array, i: number, j: number): void => {
    const [x, y] = [array[i]!, array[j]!]
    array[i] = c * x - s * y
    array[j] = s * x + c * y
  }
  for (let k = 0; k < n; k++) turn(a, k * n + p, k * n + q)
  for (let k = 0; k < n; k++) turn(a, p * n + k, q * n + k)
  for (let k = 0; k < n; k++) turn(vectors, k * n + p, k * n + q)
}
