// LZ4 frames, after the format's description (lz4_Frame_format.md, lz4_Block_format.md). Checksums are not compared.
import {
  createCursor,
  PickleError,
  take,
  takeByte,
  takeUint16,
  takeUint32,
} from '../pickle/cursor.ts'
import { append, type ByteOutput, createOutput, finish, repeat } from './byte-output.ts'

const MAGIC = 0x184d2204
const FLAGS = { blockChecksum: 0x10, contentSize: 0x08, contentChecksum: 0x04, dictionary: 0x01 }

/** @throws PickleError where it is damaged or holds more than `limit` bytes */
export function decompressLz4(bytes: Uint8Array, limit: number): Uint8Array {
  const cursor = createCursor(bytes)
  const output = createOutput(limit)
  if (takeUint32(cursor) !== MAGIC) throw new PickleError('it is no LZ4 frame')
  const flags = takeByte(cursor)
  if (flags >> 6 !== 1) throw new PickleError('its version of LZ4 is not read')
  take(cursor, 1 + (flags & FLAGS.contentSize ? 8 : 0) + (flags & FLAGS.dictionary ? 4 : 0) + 1)
  for (let size = takeUint32(cursor); size !== 0; size = takeUint32(cursor)) {
    const block = take(cursor, size & 0x7fffffff)
    if (size >>> 31 === 1) append(output, block)
    else decompressBlock(block, output)
    if (flags & FLAGS.blockChecksum) take(cursor, 4)
  }
  return finish(output)
}

/** Literals, then a repetition, until the block ends after literals. */
function decompressBlock(block: Uint8Array, output: ByteOutput): void {
  const cursor = createCursor(block)
  const extended = (length: number): number => {
    let sum = length
    if (length !== 15) return sum
    for (let next = 255; next === 255; sum += next) next = takeByte(cursor)
    return sum
  }
  while (cursor.position < block.length) {
    const token = takeByte(cursor)
    append(output, take(cursor, extended(token >> 4)))
    if (cursor.position === block.length) return
    const distance = takeUint16(cursor)
    repeat(output, distance, extended(token & 15) + 4)
  }
}
