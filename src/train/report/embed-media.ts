// The pictures and recordings of a few rows, small enough to stand inside the page.
import { readFile, stat } from 'node:fs/promises'
import { decodeAudio, toMono } from '../../engine/decoders/audio.ts'
import { toThumbnail } from '../../engine/decoders/thumbnail.ts'
import { createResampler } from '../../tensor/resample.ts'
import type { Mistake } from './evaluation.ts'
import type { RowReference } from './evaluation-input.ts'

/** Bytes of all media of a page, before base64. */
const MEDIA_BYTES = 3 * 1024 * 1024
const FILE_BYTES = 64 * 1024 * 1024
const PICTURE_SIDE = 176
const SOUND = { seconds: 5, rate: 16_000 }

export interface Shown {
  readonly mistake: Mistake
  /** `data:` address; null where there is no file, it cannot be read, or the page is full. */
  readonly picture: string | null
  readonly audio: string | null
}

/** @param mistakes those that the page shows, in order */
export async function embedMedia(mistakes: readonly Mistake[]): Promise<Shown[]> {
  let left = MEDIA_BYTES
  const shown: Shown[] = []
  const embed = async (
    path: string | undefined,
    type: string,
    read: (bytes: Uint8Array) => Promise<Uint8Array>,
  ): Promise<string | null> => {
    if (path === undefined || left <= 0) return null
    const bytes = await readSmall(path, read)
    if (bytes === null || bytes.length > left) return null
    left -= bytes.length
    return `data:${type};base64,${Buffer.from(bytes).toString('base64')}`
  }
  for (const mistake of mistakes) {
    const { picture, audio }: Partial<RowReference> = mistake.reference ?? {}
    shown.push({
      mistake,
      picture: await embed(picture, 'image/jpeg', (bytes) => toThumbnail(bytes, PICTURE_SIDE)),
      audio: await embed(audio, 'audio/wav', toSnippet),
    })
  }
  return shown
}

/** A file that was moved or damaged since it was judged is named in the report, only not shown. */
async function readSmall(
  path: string,
  read: (bytes: Uint8Array) => Promise<Uint8Array>,
): Promise<Uint8Array | null> {
  try {
    const { size } = await stat(path)
    return size > FILE_BYTES ? null : await read(await readFile(path))
  } catch {
    return null
  }
}

async function toSnippet(bytes: Uint8Array): Promise<Uint8Array> {
  const audio = await decodeAudio(bytes, { maxSeconds: SOUND.seconds })
  const samples = createResampler(audio.sampleRate, SOUND.rate)(toMono(audio))
  return encodeWav(samples, SOUND.rate)
}

/** 16-bit mono. @param samples nominally −1..1 */
export function encodeWav(samples: Float32Array, sampleRate: number): Uint8Array {
  const bytes = Buffer.alloc(44 + samples.length * 2)
  bytes.write('RIFF', 0, 'latin1')
  bytes.writeUInt32LE(36 + samples.length * 2, 4)
  bytes.write('WAVEfmt ', 8, 'latin1')
  bytes.writeUInt32LE(16, 16)
  bytes.writeUInt16LE(1, 20)
  bytes.writeUInt16LE(1, 22)
  bytes.writeUInt32LE(sampleRate, 24)
  bytes.writeUInt32LE(sampleRate * 2, 28)
  bytes.writeUInt16LE(2, 32)
  bytes.writeUInt16LE(16, 34)
  bytes.write('data', 36, 'latin1')
  bytes.writeUInt32LE(samples.length * 2, 40)
  for (const [i, sample] of samples.entries()) {
    bytes.writeInt16LE(Math.round(Math.max(-1, Math.min(1, sample)) * 32_767), 44 + i * 2)
  }
  return bytes
}
