// A recording → the mel spectrogram in dB that a sound model takes: as at serving, or an augmented hearing of it. Runs
// in a thread.
import { readFile } from 'node:fs/promises'
import { decodeAudio, toMono } from '../../engine/decoders/audio.ts'
import { standardise, toDecibels } from '../../tensor/decibel.ts'
import { createMelSpectrogram, type MelSpec } from '../../tensor/mel.ts'
import { createResampler, type Resampler } from '../../tensor/resample.ts'
import { augmentSound, type SoundAugmentation } from '../augment/sound.ts'
import { maskSpectrogram, type SpectrogramMask } from '../augment/spectrogram-mask.ts'
import type { Prepare } from './prepare.ts'
import { readFrozen } from './read-frozen.ts'

export interface SoundSetup extends MelSpec {
  readonly inputName: string
  readonly maxSeconds: number
  /** Width of the spectrogram: longer ones are cut, shorter ones padded on the right. */
  readonly frames: number
  readonly standardise: boolean
  readonly layout: 'NHWC' | 'NCHW'
  /** null: as at serving. */
  readonly augmentation: SoundAugmentation | null
  readonly mask: SpectrogramMask | null
  /** Recordings of the training part to mix in, by path; held in every thread, so few and short. */
  readonly backgrounds: readonly string[]
}

/** Most sample rates that a thread keeps filters for. */
const MOST_RESAMPLERS = 8

/** Rows that throw audio.* or training.file-changed are left out; a background that does so ends the loading. */
export async function createPrepare(setup: SoundSetup): Promise<Prepare> {
  const { mels, frames, sampleRate, inputName, layout, mask } = setup
  const spectrogram = createMelSpectrogram(setup)
  const toSamples = createSoundReader(setup)
  const backgrounds: Float32Array[] = []
  for (const path of setup.backgrounds) backgrounds.push(await toSamples(await readFile(path)))
  const dims = layout === 'NHWC' ? [1, mels, frames, 1] : [1, 1, mels, frames]
  return async (row, draw) => {
    const whole = await toSamples(await readFrozen(row))
    const { augmentation } = setup
    const samples =
      augmentation === null
        ? whole
        : augmentSound(whole, sampleRate, augmentation, draw, backgrounds)
    const data = toDecibels(spectrogram(samples), frames)
    if (mask !== null) {
      const floor = data.reduce((least, level) => Math.min(least, level), 0)
      maskSpectrogram(data, mels, frames, mask, floor, draw)
    }
    const values = setup.standardise ? standardise(data) : data
    return { [inputName]: { type: 'float32', dims, data: values } }
  }
}

/** Decodes, mixes down and resamples; throws audio.* */
export function createSoundReader({
  sampleRate,
  maxSeconds,
}: Pick<SoundSetup, 'sampleRate' | 'maxSeconds'>): (bytes: Uint8Array) => Promise<Float32Array> {
  const resamplers = new Map<number, Resampler>()
  return async (bytes: Uint8Array): Promise<Float32Array> => {
    const audio = await decodeAudio(bytes, { maxSeconds })
    const known = resamplers.get(audio.sampleRate) ?? createResampler(audio.sampleRate, sampleRate)
    // Put last: the first key is the one that was not used for longest.
    resamplers.delete(audio.sampleRate)
    resamplers.set(audio.sampleRate, known)
    if (resamplers.size > MOST_RESAMPLERS) resamplers.delete(resamplers.keys().next().value!)
    return known(toMono(audio))
  }
}
