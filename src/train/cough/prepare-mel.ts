// A recording → its mel spectrogram over the whole of what is heard, a byte a value: what is kept of it through a
// training. Runs in a thread.
import { createMelSpectrogram, type Spectrogram } from '../../tensor/mel.ts'
import type { Prepare } from '../data/prepare.ts'
import { createSoundReader } from '../data/prepare-sound.ts'
import { readFrozen } from '../data/read-frozen.ts'
import type { CoughDecode } from './recipe.ts'

/** 255 is the loudest place of a recording, 0 is this far below it, dB. */
export const BYTE_RANGE = 100

/** `mel` uint8 [1, mels, frames] of each row; rows that throw audio.* or training.file-changed are left out. */
export function createPrepare(decode: CoughDecode): Prepare {
  const spectrogram = createMelSpectrogram(decode)
  const toSamples = createSoundReader(decode)
  return async (row) => {
    return { mel: toBytes(spectrogram(await toSamples(await readFrozen(row)))) }
  }
}

function toBytes({ bands, frames, data }: Spectrogram) {
  const most = data.reduce((highest, power) => Math.max(highest, power), 1e-10)
  const out = new Uint8Array(data.length)
  for (const [i, power] of data.entries()) {
    const level = 1 + (10 * Math.log10(Math.max(power / most, 1e-12))) / BYTE_RANGE
    out[i] = Math.round(255 * Math.max(0, level))
  }
  return { type: 'uint8', dims: [1, bands, frames], data: out } as const
}
