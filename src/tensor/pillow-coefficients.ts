// The coefficient tables of Pillow's Image.resize: which source pixels make an output pixel, and their weights in
// 22-bit fixed point. Method: Pillow's resampling (precompute_coeffs, normalize_coeffs_8bpc).

/** Pillow's convolution filters; `nearest` is not one of them. */
export type ConvolutionFilter = 'box' | 'bilinear' | 'hamming' | 'bicubic' | 'lanczos'

export interface Coefficients {
  /** First source pixel of each output pixel. */
  readonly first: Int32Array
  /** Number of source pixels of each output pixel. */
  readonly count: Int32Array
  /** Row `i`, `taps` wide, holds the weights of output pixel `i`; zero beyond its count. */
  readonly weights: Int32Array
  readonly taps: number
}

export const PRECISION_BITS = 22

/**
 * Weights of one axis.
 * @param from start of the source interval in pixels, `to` its end (Pillow's `box`; single precision as there)
 */
export function toCoefficients(
  filter: ConvolutionFilter,
  sourceSize: number,
  from: number,
  to: number,
  size: number,
): Coefficients {
  const { support: radius, weight } = FILTERS[filter]
  const start = Math.fround(from)
  const scale = Math.fround(Math.fround(to) - start) / size
  const filterScale = Math.max(scale, 1)
  const support = radius * filterScale
  const taps = Math.ceil(support) * 2 + 1
  const first = new Int32Array(size)
  const count = new Int32Array(size)
  const weights = new Int32Array(size * taps)
  const row = new Float64Array(taps)
  const inverse = 1 / filterScale
  for (let i = 0; i < size; i++) {
    const center = start + (i + 0.5) * scale
    const min = Math.max(Math.trunc(center - support + 0.5), 0)
    const n = Math.min(Math.trunc(center + support + 0.5), sourceSize) - min
    let sum = 0
    for (let k = 0; k < n; k++) {
      row[k] = weight((k + min - center + 0.5) * inverse)
      sum += row[k]!
    }
    first[i] = min
    count[i] = n
    for (let k = 0; k < n; k++) {
      weights[i * taps + k] = toFixed(sum === 0 ? row[k]! : row[k]! / sum)
    }
  }
  return { first, count, weights, taps }
}

function toFixed(value: number): number {
  const scaled = value * (1 << PRECISION_BITS)
  return Math.trunc(scaled < 0 ? scaled - 0.5 : scaled + 0.5)
}

const HAMMING_BASE = Math.fround(0.54)
const HAMMING_WAVE = Math.fround(0.46)
const CUBIC = -0.5

const FILTERS: Readonly<
  Record<ConvolutionFilter, { support: number; weight: (x: number) => number }>
> = {
  box: { support: 0.5, weight: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  bilinear: { support: 1, weight: (x) => Math.max(1 - Math.abs(x), 0) },
  hamming: {
    support: 1,
    weight: (x) => {
      if (x === 0) return 1
      if (Math.abs(x) >= 1) return 0
      const angle = Math.abs(x) * Math.PI
      return (Math.sin(angle) / angle) * (HAMMING_BASE + HAMMING_WAVE * Math.cos(angle))
    },
  },
  bicubic: {
    support: 2,
    weight: (signed) => {
      const x = Math.abs(signed)
      if (x < 1) return ((CUBIC + 2) * x - (CUBIC + 3)) * x * x + 1
      if (x < 2) return (((x - 5) * x + 8) * x - 4) * CUBIC
      return 0
    },
  },
  lanczos: {
    support: 3,
    weight: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0),
  },
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI)
}
