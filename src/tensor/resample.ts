// Band-limited resampling of one channel to the specification of soxr's HQ recipe, which librosa
// uses by default: linear phase, flat to 0.9136 of the lower Nyquist frequency, 120 dB down from
// that frequency on.
import { toOrder, toRoots, toTwiddles } from './fft-tables.ts'
import { align, createAudioKernels } from './kernels/audio-kernels.ts'

/**
 * One channel in, one channel out; the output has ceil(length × to / from) samples and starts at
 * the same instant.
 */
export type Resampler = (samples: Float32Array) => Float32Array

/**
 * Prepares the filter for a pair of sample rates in Hz (positive integers). Tables take up to about
 * 1 MB.
 */
export function createResampler(from: number, to: number): Resampler {
  if (from === to) return (samples) => samples
  return from === 2 * to ? createHalving() : createPolyphase(from, to)
}

/**
 * Where the pass band ends and the stop band begins, as fractions of the lower Nyquist frequency;
 * attenuation in dB.
 */
const PASS = 0.9136
const STOP = 1
const ATTENUATION = 120.4
/**
 * Most rows of a polyphase table when the filter is as short as its input allows; between rows it
 * is interpolated.
 */
const MOST_PHASES = 1024

interface Lowpass {
  /** Distance in input samples beyond which the filter is zero. */
  readonly reach: number
  /** Value at a distance from its centre, in input samples; the integral is 1. */
  at(distance: number): number
}

/** Kaiser-windowed sinc (Kaiser 1974); `ratio` is to / from. */
function toLowpass(ratio: number): Lowpass {
  const nyquist = 0.5 * Math.min(1, ratio)
  const cutoff = (nyquist * (PASS + STOP)) / 2
  const taps = (ATTENUATION - 7.95) / (2.285 * 2 * Math.PI * nyquist * (STOP - PASS))
  const beta = 0.1102 * (ATTENUATION - 8.7)
  const reach = taps / 2
  const scale = 1 / besselI0(beta)
  return {
    reach,
    at: (distance) => {
      const t = distance / reach
      if (Math.abs(t) >= 1) return 0
      const x = 2 * cutoff * distance
      const sinc = x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x)
      return 2 * cutoff * sinc * besselI0(beta * Math.sqrt(1 - t * t)) * scale
    },
  }
}

/** Any ratio: a dot product of the input with one row of the filter for every output. */
function createPolyphase(from: number, to: number): Resampler {
  const ratio = to / from
  const filter = toLowpass(ratio)
  const divisor = greatestCommonDivisor(from, to)
  const most = Math.ceil(MOST_PHASES * Math.min(1, ratio))
  const blend = to / divisor > most
  const phases = blend ? most : to / divisor
  const side = Math.ceil(filter.reach)
  const taps = Math.ceil((2 * side) / 8) * 8
  const table = new Float32Array((phases + 1) * taps)
  for (let phase = 0; phase <= phases; phase++) {
    for (let tap = 0; tap < taps; tap++) {
      table[phase * taps + tap] = filter.at(tap - side + 1 - phase / phases)
    }
  }
  const kernels = createAudioKernels()
  const rows = kernels.place(table)
  const input = kernels.scratch()
  return (samples) => {
    const count = Math.ceil(samples.length * ratio)
    const padded = samples.length + side + taps
    const output = align(input + 4 * padded)
    kernels.reserve(output, 4 * count)
    const x = kernels.floats(input, padded)
    x.fill(0)
    x.set(samples, side - 1)
    const [step, unit] = [from / divisor, to / divisor]
    kernels.polyphase(input, rows, taps, phases, step, unit, blend ? 1 : 0, output, count)
    return kernels.floats(output, count).slice()
  }
}

/**
 * 2:1, the usual 44.1 → 22.05 kHz: overlap-save, filtered and decimated in the frequency domain,
 * four blocks at once.
 */
function createHalving(): Resampler {
  const size = 2048
  const n = size / 2
  const filter = toLowpass(0.5)
  // Outputs from `lead` on see none of the block's wrap-around; both counts are multiples of four.
  const lead = 4 * Math.ceil(filter.reach / 8)
  const valid = n - 2 * lead
  const kernels = createAudioKernels()
  const ones = kernels.place(new Float32Array(size).fill(1))
  const forward = kernels.place(toTwiddles(n))
  const order = kernels.place(toOrder(n))
  const root = kernels.place(toRoots(n))
  const backward = kernels.place(toTwiddles(n / 2))
  const halfOrder = kernels.place(toOrder(n / 2))
  const halfRoot = kernels.place(toRoots(n / 2))
  const gain = kernels.place(toGain(filter, size))
  const data = kernels.allocate(32 * n)
  const spectrum = kernels.allocate(32 * (n / 2 + 1))
  const input = kernels.scratch()
  return (samples) => {
    const count = Math.ceil(samples.length / 2)
    const groups = Math.ceil(count / (4 * valid))
    const padded = 2 * lead + groups * 8 * valid + size
    const output = align(input + 4 * padded)
    kernels.reserve(output, 16 * groups * valid)
    const x = kernels.floats(input, padded)
    x.fill(0, 0, 2 * lead)
    x.set(samples, 2 * lead)
    x.fill(0, 2 * lead + samples.length)
    for (let group = 0; group < groups; group++) {
      kernels.loadFrames(input + 32 * valid * group, 8 * valid, ones, data, n)
      kernels.fft(data, n, forward)
      kernels.lowHalf(data, n, order, root, gain, spectrum)
      kernels.pack(spectrum, n / 2, halfRoot, data)
      kernels.fft(data, n / 2, backward)
      const at = output + 16 * valid * group
      kernels.storeReal(data, halfOrder, lead / 2, valid / 2, at, 4 * valid)
    }
    return kernels.floats(output, count).slice()
  }
}

/**
 * Frequency response at bins 0..size/4 (real: the filter is symmetric), with the scale of the
 * inverse transform.
 */
function toGain(filter: Lowpass, size: number): Float32Array {
  const taps = Array.from({ length: Math.ceil(filter.reach) }, (_, i) => filter.at(i))
  return Float32Array.from({ length: size / 4 + 1 }, (_, k) => {
    const step = (2 * Math.PI * k) / size
    let sum = taps[0]!
    for (let i = 1; i < taps.length; i++) sum += 2 * taps[i]! * Math.cos(step * i)
    return sum / size
  })
}

/** Modified Bessel function of the first kind, order zero: its power series. */
function besselI0(x: number): number {
  let sum = 1
  let term = 1
  for (let k = 1; term > 1e-17 * sum; k++) {
    term *= (x / (2 * k)) ** 2
    sum += term
  }
  return sum
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}
