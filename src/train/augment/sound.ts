// What may be done to a training recording: another length, place, loudness, other noises. Takes and gives mono samples.
import type { Draw } from './counter-random.ts'

export interface SoundAugmentation {
  /** Seconds of a random piece, least and largest; a shorter recording stays whole. */
  readonly crop?: readonly [number, number]
  /** Largest shift in seconds either way; what leaves at one end comes back at the other. */
  readonly shift?: number
  /** Largest change of loudness in dB either way. */
  readonly gain?: number
  /** White noise under the sound: chance, and signal to noise in dB, least and largest. */
  readonly noise?: Mix
  /** Another recording under the sound, from those that the caller has. */
  readonly background?: Mix
}

export interface Mix {
  readonly probability: number
  /** dB. */
  readonly ratio: readonly [number, number]
}

/**
 * One augmented hearing; always new samples.
 * @param backgrounds recordings to mix in, at the same rate; none: `background` does nothing
 */
export function augmentSound(
  samples: Float32Array,
  sampleRate: number,
  augmentation: SoundAugmentation,
  draw: Draw,
  backgrounds: readonly Float32Array[] = [],
): Float32Array {
  const { crop, shift, gain, noise, background } = augmentation
  let out = crop === undefined ? samples.slice() : cropRandomly(samples, sampleRate, crop, draw)
  if (shift !== undefined) out = rotate(out, Math.round(draw.between(-shift, shift) * sampleRate))
  if (background !== undefined && backgrounds.length > 0 && draw.chance(background.probability)) {
    const other = backgrounds[draw.integer(backgrounds.length)]!
    addUnder(out, other, draw.integer(other.length), draw.between(...background.ratio))
  }
  if (noise !== undefined && draw.chance(noise.probability)) {
    const white = Float32Array.from(out, draw.normal)
    addUnder(out, white, 0, draw.between(...noise.ratio))
  }
  if (gain !== undefined) scale(out, 10 ** (draw.between(-gain, gain) / 20))
  return out
}

function cropRandomly(
  samples: Float32Array,
  sampleRate: number,
  [least, largest]: readonly [number, number],
  draw: Draw,
): Float32Array {
  const wanted = Math.max(1, Math.round(draw.between(least, largest) * sampleRate))
  const start = draw.integer(Math.max(1, samples.length - wanted + 1))
  return samples.slice(start, start + wanted)
}

/** Later by `by` samples, earlier where it is negative. */
function rotate(samples: Float32Array, by: number): Float32Array {
  const start = ((by % samples.length) + samples.length) % samples.length
  const out = new Float32Array(samples.length)
  out.set(samples.subarray(0, samples.length - start), start)
  out.set(samples.subarray(samples.length - start))
  return out
}

/** Adds `other`, repeated from sample `from` on, so that its power is `ratio` dB below. Silence is left alone. */
function addUnder(samples: Float32Array, other: Float32Array, from: number, ratio: number): void {
  const [own, noise] = [power(samples), power(other)]
  if (own === 0 || noise === 0) return
  const factor = Math.sqrt(own / noise) * 10 ** (-ratio / 20)
  for (let i = 0, at = from; i < samples.length; i++, at++) {
    if (at === other.length) at = 0
    samples[i]! += factor * other[at]!
  }
}

function scale(samples: Float32Array, factor: number): void {
  for (let i = 0; i < samples.length; i++) samples[i]! *= factor
}

function power(samples: Float32Array): number {
  let sum = 0
  for (const sample of samples) sum += sample * sample
  return sum / samples.length
}
