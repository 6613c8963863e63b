// Statistics of a short window of accelerometer points, and the row of 24 features that vibration models see.
// Float64 throughout; equal to pandas (skew, kurt) and SciPy (bias=False), but 0 where those answer NaN.

/** One window by axis, in g; all four arrays have the same length. */
export interface Window {
  readonly x: ArrayLike<number>
  readonly y: ArrayLike<number>
  readonly z: ArrayLike<number>
  readonly acceleration: ArrayLike<number>
}

export interface Statistics {
  readonly mean: number
  /** Population standard deviation (ddof 0). */
  readonly std: number
  readonly lastMinusMean: number
  /** Adjusted Fisher–Pearson coefficient G1, as `Series.skew()`; 0 for a constant series. */
  readonly skewness: number
  /** Sample excess kurtosis G2, as `Series.kurt()`; 0 for a constant series. */
  readonly kurtosis: number
}

export const FEATURE_COUNT = 24

const AXES = ['x', 'acceleration', 'y', 'z'] as const

/**
 * Decimal digits that a float64 surely holds (NumPy's `finfo.resolution`). SciPy calls a series constant when its
 * deviation is within this part of its mean: what is left is rounding, and its shape would be noise.
 */
const RESOLUTION = 1e-15

/**
 * Mean, deviation and the bias-corrected third and fourth moments of a series of at least four finite numbers.
 * Moments are taken about the mean in a second pass, so a large offset (gravity) costs no digits.
 * A series that is constant within rounding has deviation as computed and both shapes 0 (pandas ≥ 3 and SciPy say
 * NaN; pandas before 3 also said 0, but already below an absolute second moment of 1e-14, which its issue 57972
 * calls a bug).
 *
 * Source: Joanes & Gill, "Comparing measures of sample skewness and kurtosis", The Statistician 47 (1998).
 * @throws RangeError for fewer than four numbers
 */
export function seriesStatistics(series: ArrayLike<number>): Statistics {
  const n = series.length
  if (n < 4) throw new RangeError(`Sample kurtosis needs at least 4 points, not ${n}.`)
  const mean = correctedMean(series)
  let m2 = 0
  let m3 = 0
  let m4 = 0
  for (let i = 0; i < n; i++) {
    const d = series[i]! - mean
    const d2 = d * d
    m2 += d2
    m3 += d2 * d
    m4 += d2 * d2
  }
  const variance = m2 / n
  const std = Math.sqrt(variance)
  const lastMinusMean = series[n - 1]! - mean
  // Below 1e-76 the fourth moment itself would underflow.
  if (variance <= (RESOLUTION * mean) ** 2 || variance < 1e-76) {
    return { mean, std, lastMinusMean, skewness: 0, kurtosis: 0 }
  }
  const g1 = m3 / n / (variance * std)
  const g2 = m4 / n / (variance * variance) - 3
  return {
    mean,
    std,
    lastMinusMean,
    skewness: (Math.sqrt(n * (n - 1)) / (n - 2)) * g1,
    kurtosis: ((n - 1) / ((n - 2) * (n - 3))) * ((n + 1) * g2 + 6),
  }
}

/**
 * The 24 features of one window: the last acceleration, x, y, z; then for x, acceleration, y and z in turn: mean,
 * population deviation, last − mean, sample skewness, sample excess kurtosis. Unscaled; never NaN for finite points.
 */
export function windowFeatures(window: Window): Float64Array {
  const last = window.x.length - 1
  const row = new Float64Array(FEATURE_COUNT)
  row[0] = window.acceleration[last]!
  row[1] = window.x[last]!
  row[2] = window.y[last]!
  row[3] = window.z[last]!
  let at = 4
  for (const axis of AXES) {
    const statistics = seriesStatistics(window[axis])
    row[at] = statistics.mean
    row[at + 1] = statistics.std
    row[at + 2] = statistics.lastMinusMean
    row[at + 3] = statistics.skewness
    row[at + 4] = statistics.kurtosis
    at += 5
  }
  return row
}

/** The mean with one correction step, which makes it exact for a constant series. */
function correctedMean(series: ArrayLike<number>): number {
  const n = series.length
  let sum = 0
  for (let i = 0; i < n; i++) sum += series[i]!
  const mean = sum / n
  let rest = 0
  for (let i = 0; i < n; i++) rest += series[i]! - mean
  return mean + rest / n
}
