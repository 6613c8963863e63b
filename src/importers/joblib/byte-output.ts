// Bytes that grow as they are decompressed, up to a limit.
import { PickleError } from '../pickle/cursor.ts'

export interface ByteOutput {
  bytes: Uint8Array
  length: number
  readonly limit: number
}

export function createOutput(limit: number): ByteOutput {
  return { bytes: new Uint8Array(Math.min(limit, 1 << 16)), length: 0, limit }
}

/** Makes room for more. @throws PickleError past the limit */
export function reserve(output: ByteOutput, more: number): void {
  const needed = output.length + more
  if (needed > output.limit) {
    throw new PickleError(`it holds more than ${output.limit} bytes, far more than its size allows`)
  }
  if (needed <= output.bytes.length) return
  const grown = new Uint8Array(Math.min(output.limit, Math.max(needed, output.bytes.length * 2)))
  grown.set(output.bytes.subarray(0, output.length))
  output.bytes = grown
}

export function append(output: ByteOutput, bytes: Uint8Array): void {
  reserve(output, bytes.length)
  output.bytes.set(bytes, output.length)
  output.length += bytes.length
}

/** Repeats what lies `distance` back; the two may overlap. @throws PickleError before the start */
export function repeat(output: ByteOutput, distance: number, length: number): void {
  if (!(distance > 0 && distance <= output.length)) {
    throw new PickleError('it repeats what is not there')
  }
  reserve(output, length)
  const { bytes } = output
  let at = output.length
  const end = at + length
  if (distance >= length) bytes.copyWithin(at, at - distance, end - distance)
  else for (; at < end; at += 1) bytes[at] = bytes[at - distance]!
  output.length = end
}

export const finish = ({ bytes, length }: ByteOutput): Uint8Array => bytes.subarray(0, length)
