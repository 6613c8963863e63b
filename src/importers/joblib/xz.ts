// The .xz container around LZMA2, after its specification. Of its checksums CRC-32 is compared.
import { crc32 } from 'node:zlib'
import { type Cursor, createCursor, PickleError, take, takeByte } from '../pickle/cursor.ts'
import { append, type ByteOutput, createOutput, finish } from './byte-output.ts'
import { createLzmaDecoder } from './lzma.ts'

const LZMA2 = 0x21
/** Bytes of each kind of check. */
const CHECK_BYTES = [0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64]
const CRC32 = 1

/** @throws PickleError where it is damaged or holds more than `limit` bytes */
export function decompressXz(bytes: Uint8Array, limit: number): Uint8Array {
  const cursor = createCursor(bytes)
  const output = createOutput(limit)
  const header = take(cursor, 12)
  const check = header[7]! & 15
  if (crc32(header.subarray(6, 8)) !== uint32(header, 8))
    throw new PickleError('its header is damaged')
  for (let size = takeByte(cursor); size !== 0; size = takeByte(cursor)) {
    readBlockHeader(bytes, cursor, size)
    const start = cursor.position
    const before = output.length
    readChunks(cursor, output)
    take(cursor, -(cursor.position - start) & 3)
    const stored = take(cursor, CHECK_BYTES[check]!)
    const found = output.bytes.subarray(before, output.length)
    if (check === CRC32 && crc32(found) !== uint32(stored, 0)) {
      throw new PickleError('a block has another checksum')
    }
  }
  return finish(output)
}

function readBlockHeader(bytes: Uint8Array, cursor: Cursor, size: number): void {
  const start = cursor.position - 1
  const length = (size + 1) * 4
  const rest = take(cursor, length - 1)
  const stored = uint32(rest, length - 5)
  if (crc32(bytes.subarray(start, start + length - 4)) !== stored) {
    throw new PickleError('the header of a block is damaged')
  }
  const inner = createCursor(rest)
  const flags = takeByte(inner)
  if (flags & 0x40) takeNumber(inner)
  if (flags & 0x80) takeNumber(inner)
  if ((flags & 3) !== 0 || takeNumber(inner) !== LZMA2) {
    throw new PickleError('a filter other than LZMA2 is not read')
  }
}

/** LZMA2: chunks that say what they reset, ended by a zero. */
function readChunks(cursor: Cursor, output: ByteOutput): void {
  const decoder = createLzmaDecoder(output)
  let ready = false
  for (let control = takeByte(cursor); control !== 0; control = takeByte(cursor)) {
    if (control < 0x80) {
      if (control > 2) throw new PickleError('a chunk is of no known kind')
      append(output, take(cursor, takeUint16BigEndian(cursor) + 1))
      continue
    }
    const size = (control & 31) * 65536 + takeUint16BigEndian(cursor) + 1
    const packed = takeUint16BigEndian(cursor) + 1
    const reset = (control >> 5) & 3
    if (reset >= 2) decoder.setProperties(takeByte(cursor))
    else if (reset === 1) decoder.resetState()
    ready ||= reset >= 2
    if (!ready) throw new PickleError('a chunk lacks its properties')
    decoder.decode(take(cursor, packed), size)
  }
}

const takeUint16BigEndian = (cursor: Cursor): number => takeByte(cursor) * 256 + takeByte(cursor)

/** Seven bits a byte, lowest first. */
function takeNumber(cursor: Cursor): number {
  let [value, factor] = [0, 1]
  for (let count = 0; count < 9; count += 1) {
    const byte = takeByte(cursor)
    value += (byte & 127) * factor
    if (byte < 128) return value
    factor *= 128
  }
  throw new PickleError('a number is too long')
}

function uint32(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(at, true)
}
