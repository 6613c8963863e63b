// joblib's compressed files, told by their first bytes: zlib, gzip, bzip2, xz, lzma, lz4; anything else is taken as it is.
// The result is bounded, so that a small file cannot fill the memory.
import { gunzipSync, inflateSync } from 'node:zlib'
import { PickleError } from '../pickle/cursor.ts'
import { decompressBzip2 } from './bzip2.ts'
import { decompressLz4 } from './lz4.ts'
import { decompressLzma } from './lzma.ts'
import { decompressXz } from './xz.ts'

const MiB = 1024 * 1024
const LEAST_LIMIT = 128 * MiB
const MOST_LIMIT = 1024 * MiB
/** Trained weights compress by half or so; counts and zeros some twenty times. */
const MOST_RATIO = 60

type Decompress = (bytes: Uint8Array, limit: number) => Uint8Array

const METHODS: readonly (readonly [name: string, magic: readonly number[], Decompress])[] = [
  ['gzip', [0x1f, 0x8b], (bytes, limit) => gunzipSync(bytes, { maxOutputLength: limit })],
  ['bzip2', [0x42, 0x5a, 0x68], decompressBzip2],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], decompressXz],
  ['lzma', [0x5d, 0x00], decompressLzma],
  ['lz4', [0x04, 0x22, 0x4d, 0x18], decompressLz4],
  ['zlib', [0x78], (bytes, limit) => inflateSync(bytes, { maxOutputLength: limit })],
]

/** @throws PickleError where it is damaged or far larger than its file */
export function decompress(bytes: Uint8Array): Uint8Array {
  const method = METHODS.find(([, magic]) => magic.every((byte, at) => bytes[at] === byte))
  if (method === undefined) return bytes
  const [name, , run] = method
  const limit = Math.min(MOST_LIMIT, Math.max(LEAST_LIMIT, bytes.length * MOST_RATIO))
  try {
    return run(bytes, limit)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      const reason = `its ${name} compression holds more than ${limit} bytes, far more than its size allows`
      throw new PickleError(reason, { cause })
    }
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new PickleError(`its ${name} compression is damaged: ${reason}`, { cause })
  }
}
