// The records of an outbox's files: length and CRC-32 before each payload, so that one that was torn by a kill is known.
import { crc32 } from 'node:zlib'

export interface OutboxRecord {
  readonly payload: Uint8Array
  /** Where it ends in the outbox; grows from record to record, over files and restarts. */
  readonly end: number
}

export interface ParsedSegment {
  readonly records: readonly OutboxRecord[]
  /** Bytes of whole, intact records at the beginning. */
  readonly bytes: number
}

const HEAD = 8

export const MAX_PAYLOAD_BYTES = 64 * 1024

/** The records of these payloads, one after another. @throws RangeError for one that is empty or too long */
export function encodeRecords(payloads: readonly Uint8Array[]): Buffer {
  const size = payloads.reduce((sum, { length }) => sum + HEAD + length, 0)
  const bytes = Buffer.allocUnsafe(size)
  let at = 0
  for (const payload of payloads) {
    if (payload.length === 0 || payload.length > MAX_PAYLOAD_BYTES) {
      throw new RangeError(`A record has 1 to ${MAX_PAYLOAD_BYTES} bytes, not ${payload.length}.`)
    }
    bytes.writeUInt32LE(payload.length, at)
    bytes.writeUInt32LE(crc32(payload), at + 4)
    bytes.set(payload, at + HEAD)
    at += HEAD + payload.length
  }
  return bytes
}

/**
 * Reads records until the bytes end, one is not intact, or `most` are read.
 * @param start where the first byte lies in the outbox
 */
export function parseRecords(bytes: Buffer, start: number, most = Infinity): ParsedSegment {
  const records: OutboxRecord[] = []
  let at = 0
  while (at + HEAD <= bytes.length && records.length < most) {
    const length = bytes.readUInt32LE(at)
    const end = at + HEAD + length
    // Zeros, which a file may end in after a loss of power, are no record.
    if (length === 0 || length > MAX_PAYLOAD_BYTES || end > bytes.length) break
    const payload = bytes.subarray(at + HEAD, end)
    if (crc32(payload) !== bytes.readUInt32LE(at + 4)) break
    records.push({ payload, end: start + end })
    at = end
  }
  return { records, bytes: at }
}
