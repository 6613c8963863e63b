// A recording → the picture that the network sees: mono, resampled, mel spectrogram in dB under its
// maximum, cut or padded, standardised. The same at training and at serving.
import { decodeAudio, toMono } from '../../engine/decoders/audio.ts'
import type { Decode } from '../../engine/service.ts'
import { standardise, toDecibels } from '../../tensor/decibel.ts'
import { createMelSpectrogram, type Spectrogram } from '../../tensor/mel.ts'
import { createResampler, type Resampler } from '../../tensor/resample.ts'
import { type CoughSpec, toCoughSpec } from './spec.ts'

/**
 * One row, float32, `[1, mels, frames, 1]` (or NCHW, as the manifest says).
 * @throws DugaError audio.unreadable (422), audio.no-aac (415)
 */
export const decode: Decode<Uint8Array> = async (bytes, { manifest }) => {
  const spec = toCoughSpec(manifest)
  const audio = await decodeAudio(bytes, spec)
  const samples = resampler(audio.sampleRate, spec.sampleRate)(toMono(audio))
  const data = toDecibels(spectrogram(spec)(samples), spec.frames)
  const { mels, frames, layout } = spec
  const dims = layout === 'NHWC' ? [1, mels, frames, 1] : [1, 1, mels, frames]
  return {
    rows: 1,
    feeds: {
      [spec.inputName]: {
        type: 'float32',
        dims,
        data: spec.standardise ? standardise(data) : data,
      },
    },
  }
}

/** Most filters that a thread keeps; recordings of a source share a rate. */
const MOST_RESAMPLERS = 8
const resamplers = new Map<string, Resampler>()
const spectrograms = new WeakMap<CoughSpec, (samples: Float32Array) => Spectrogram>()

function spectrogram(spec: CoughSpec): (samples: Float32Array) => Spectrogram {
  const known = spectrograms.get(spec) ?? createMelSpectrogram(spec)
  spectrograms.set(spec, known)
  return known
}

function resampler(from: number, to: number): Resampler {
  const key = `${from}/${to}`
  const known = resamplers.get(key) ?? createResampler(from, to)
  // Put last: the first key is the one that was not used for longest.
  resamplers.delete(key)
  resamplers.set(key, known)
  if (resamplers.size > MOST_RESAMPLERS) resamplers.delete(resamplers.keys().next().value!)
  return known
}
