// A position in bytes, with every read checked against the end. Little-endian, as pickles and
// joblib files are.

export interface Cursor {
  readonly bytes: Uint8Array
  position: number
}

/** Thrown for a malformed or refused pickle; importers turn it into their own error. */
export class PickleError extends Error {
  override readonly name = 'PickleError'
}

export function createCursor(bytes: Uint8Array, position = 0): Cursor {
  return { bytes, position }
}

/** The next `length` bytes, shared with the file. @throws PickleError past the end. */
export function take(cursor: Cursor, length: number): Uint8Array {
  const { bytes, position } = cursor
  if (!(length >= 0 && length <= bytes.length - position)) {
    throw new PickleError(`the file ends at byte ${bytes.length}, inside ${length} bytes of data`)
  }
  cursor.position += length
  return bytes.subarray(position, position + length)
}

export function takeByte(cursor: Cursor): number {
  return take(cursor, 1)[0]!
}

export function takeUint16(cursor: Cursor): number {
  return view(take(cursor, 2)).getUint16(0, true)
}

export function takeInt32(cursor: Cursor): number {
  return view(take(cursor, 4)).getInt32(0, true)
}

export function takeUint32(cursor: Cursor): number {
  return view(take(cursor, 4)).getUint32(0, true)
}

/**
 * A 64-bit length; larger than a file can be is an error at the next read, so rounding does not
 * matter.
 */
export function takeUint64(cursor: Cursor): number {
  return Number(view(take(cursor, 8)).getBigUint64(0, true))
}

export function takeInt64(cursor: Cursor): bigint {
  return view(take(cursor, 8)).getBigInt64(0, true)
}

/** Big-endian: pickle's BINFLOAT is the one exception. */
export function takeFloat64BigEndian(cursor: Cursor): number {
  return view(take(cursor, 8)).getFloat64(0, false)
}

/** Bytes up to a newline, which is consumed. */
export function takeLineBytes(cursor: Cursor): Uint8Array {
  const end = cursor.bytes.indexOf(10, cursor.position)
  if (end < 0) throw new PickleError('the file ends inside a line')
  const line = take(cursor, end - cursor.position)
  cursor.position += 1
  return line
}

/** Text up to a newline, which is consumed. */
export function takeLine(cursor: Cursor): string {
  return decodeUtf8(takeLineBytes(cursor))
}

export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new PickleError('a text is not UTF-8', { cause })
  }
}

const view = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
