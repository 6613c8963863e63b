// A quantile sketch of positive numbers with relative accuracy: logarithmic buckets, as DDSketch.
// Plain JSON state, deterministic, and the same whatever the order of the numbers; it forgets nothing by itself.

/** Buckets of width ln γ; `counts[i]` holds what fell into (γ^(first+i−1), γ^(first+i)]. */
export interface Sketch {
  readonly first: number
  readonly counts: readonly number[]
  /** Sum of `counts`. */
  readonly total: number
}

/** A quantile is overstated by less than this part of its value. */
export const SKETCH_ACCURACY = 0.005

/** Most buckets of one sketch: four decades. What lies lower is counted in the lowest. */
export const SKETCH_BUCKETS = 2048

/** Numbers below this count as this. */
const SMALLEST = 1e-12

const LOG_GAMMA = Math.log1p(SKETCH_ACCURACY)

export const emptySketch: Sketch = { first: 0, counts: [], total: 0 }

/**
 * The sketch with one number more.
 *
 * Source: Masson, Rim & Lee, "DDSketch: a fast and fully-mergeable quantile sketch with relative-error guarantees",
 * PVLDB 12 (2019); collapsing the lowest buckets is theirs too, and leaves the upper quantiles exact.
 * @param value 0 or more, finite
 * @param weight how often it counts; may be a fraction
 */
export function addToSketch(sketch: Sketch, value: number, weight = 1): Sketch {
  const index = Math.ceil(Math.log(Math.max(value, SMALLEST)) / LOG_GAMMA)
  const total = sketch.total + weight
  if (sketch.counts.length === 0) return { first: index, counts: [weight], total }
  const last = sketch.first + sketch.counts.length - 1
  const top = Math.max(last, index)
  const first = Math.max(Math.min(sketch.first, index), top - SKETCH_BUCKETS + 1)
  if (first === sketch.first && top === last) {
    const counts = sketch.counts.slice()
    counts[Math.max(index - first, 0)]! += weight
    return { first, counts, total }
  }
  const counts = new Array<number>(top - first + 1).fill(0)
  for (const [i, count] of sketch.counts.entries()) {
    counts[Math.max(sketch.first + i - first, 0)]! += count
  }
  counts[Math.max(index - first, 0)]! += weight
  return { first, counts, total }
}

/** All counts times a factor: what was seen before weighs less than what comes. */
export function scaleSketch(sketch: Sketch, factor: number): Sketch {
  const counts = sketch.counts.map((count) => count * factor)
  return { first: sketch.first, counts, total: counts.reduce((sum, count) => sum + count, 0) }
}

/**
 * An upper bound of the quantile, at most {@link SKETCH_ACCURACY} above NumPy's `percentile(…, method='lower')`.
 * @param quantile 0..1
 * @throws RangeError for an empty sketch
 */
export function sketchQuantile(sketch: Sketch, quantile: number): number {
  const { counts, first, total } = sketch
  if (total === 0) throw new RangeError('An empty sketch has no quantiles.')
  // From the top, as the upper quantiles are asked for most. The slack absorbs rounding of fractional weights.
  const wanted = total - Math.floor(quantile * (total - 1) + 1e-9) - 1e-9
  let above = 0
  for (let i = counts.length - 1; i >= 0; i--) {
    above += counts[i]!
    if (above >= wanted) return upperEdge(first + i)
  }
  return upperEdge(first)
}

/** A hair above γ^index, so that rounding never puts a number above the edge of its own bucket. */
function upperEdge(index: number): number {
  return Math.exp(index * LOG_GAMMA) * (1 + 1e-12)
}
