// Mel power spectrogram with the values of librosa 0.11's `feature.melspectrogram` in its default
// form: centred frames, zero padding, periodic Hann window, power 2, Slaney mels with area
// normalisation. No decibels here: see decibel.ts.
import { toOrder, toRoots, toTwiddles } from './fft-tables.ts'
import { type AudioKernels, align, createAudioKernels } from './kernels/audio-kernels.ts'

export interface MelSpec {
  /** Hz. */
  readonly sampleRate: number
  /** Samples a frame; a power of two, at least 16. */
  readonly nFft: number
  /** Samples from frame to frame. */
  readonly hop: number
  /** Mel bands between 0 Hz and half the sample rate. */
  readonly mels: number
}

/** Row-major: `data[band * frames + frame]`. */
export interface Spectrogram {
  readonly bands: number
  readonly frames: number
  readonly data: Float32Array
}

/** One filter a band: weights of consecutive FFT bins from `start` on. */
interface MelFilter {
  readonly start: number
  readonly weights: readonly number[]
}

/** Hz to mels on Slaney's scale: linear below 1 kHz, logarithmic above (Auditory Toolbox, 1998). */
export function hertzToMel(hertz: number): number {
  return hertz < 1000 ? (3 * hertz) / 200 : 15 + Math.log(hertz / 1000) / (Math.log(6.4) / 27)
}

/** The inverse of {@link hertzToMel}. */
export function melToHertz(mel: number): number {
  return mel < 15 ? (200 * mel) / 3 : 1000 * Math.exp((Math.log(6.4) / 27) * (mel - 15))
}

/**
 * Triangular filters, evenly spaced in mels from 0 Hz to half the rate, each of unit area; without
 * the zeros.
 */
export function toMelFilters({ sampleRate, nFft, mels }: Omit<MelSpec, 'hop'>): MelFilter[] {
  const top = hertzToMel(sampleRate / 2)
  const corner = (i: number) => melToHertz((top * i) / (mels + 1))
  return Array.from({ length: mels }, (_, band) => {
    const [low, centre, high] = [corner(band), corner(band + 1), corner(band + 2)]
    const start = Math.floor((low * nFft) / sampleRate) + 1
    const weights: number[] = []
    for (let bin = start; bin <= nFft / 2; bin++) {
      const hertz = (bin * sampleRate) / nFft
      const weight = Math.min((hertz - low) / (centre - low), (high - hertz) / (high - centre))
      if (weight <= 0) break
      weights.push((weight * 2) / (high - low))
    }
    return { start, weights }
  })
}

/**
 * Prepares tables and memory for one kind of spectrogram.
 * The function takes at least one finite sample (−1..1 or any other scale) and gives 1 +
 * floor(samples / hop) frames.
 */
export function createMelSpectrogram(spec: MelSpec): (samples: Float32Array) => Spectrogram {
  const { nFft, hop, mels } = spec
  const kernels = createAudioKernels()
  const frame = createFrameTransform(kernels, spec)
  const input = kernels.scratch()
  return (samples) => {
    const frames = 1 + Math.floor(samples.length / hop)
    const stride = Math.ceil(frames / 4) * 4
    const padded = nFft + (stride - 1) * hop
    const output = align(input + 4 * padded)
    kernels.reserve(output, 4 * mels * stride)
    place(kernels.floats(input, padded), samples, nFft / 2)
    for (let first = 0; first < frames; first += 4) {
      frame(input + 4 * first * hop, output + 4 * first, 4 * stride)
    }
    return {
      bands: mels,
      frames,
      data: toRows(kernels.floats(output, mels * stride), mels, frames),
    }
  }
}

/** Four frames from `x` on to the mel bands of those frames, rows `stride` bytes apart. */
function createFrameTransform(kernels: AudioKernels, spec: MelSpec) {
  const { nFft, hop, mels } = spec
  const n = nFft / 2
  const filters = toMelFilters(spec)
  const hann = (_: unknown, i: number) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / nFft)
  const window = kernels.place(Float32Array.from({ length: nFft }, hann))
  const twiddle = kernels.place(toTwiddles(n))
  const order = kernels.place(toOrder(n))
  const root = kernels.place(toRoots(n))
  const start = kernels.place(Int32Array.from(filters, (filter) => filter.start))
  const length = kernels.place(Int32Array.from(filters, (filter) => filter.weights.length))
  const weights = kernels.place(Float32Array.from(filters.flatMap((filter) => filter.weights)))
  const data = kernels.allocate(32 * n)
  const powers = kernels.allocate(16 * (n + 1))
  return (x: number, out: number, stride: number) => {
    kernels.loadFrames(x, 4 * hop, window, data, n)
    kernels.fft(data, n, twiddle)
    kernels.power(data, n, order, root, powers)
    kernels.bands(powers, mels, start, length, weights, out, stride)
  }
}

function place(target: Float32Array, samples: Float32Array, at: number): void {
  const fitting = samples.subarray(0, target.length - at)
  target.fill(0, 0, at)
  target.set(fitting, at)
  target.fill(0, at + fitting.length)
}

function toRows(padded: Float32Array, rows: number, columns: number): Float32Array {
  const stride = padded.length / rows
  if (stride === columns) return padded.slice()
  const data = new Float32Array(rows * columns)
  for (let row = 0; row < rows; row++) {
    data.set(padded.subarray(row * stride, row * stride + columns), row * columns)
  }
  return data
}
