// Ids that the application makes: UUID version 7 (RFC 9562, method 1), so that sorting by id is sorting by time.
import { randomUUID } from 'node:crypto'

const COUNTER_BITS = 26

/** Makes ids; within one millisecond a 26-bit counter keeps their order, 48 random bits keep processes apart. */
export function createIdSource(): (milliseconds: number) => string {
  let last = -1
  let counter = 0
  let prefix = ''
  return (milliseconds) => {
    const now = Math.trunc(milliseconds)
    if (now === last) {
      counter = (counter + 1) % 2 ** COUNTER_BITS
    } else {
      last = now
      counter = 0
      prefix = timePrefix(now)
    }
    // Twelve bits stand after the version, fourteen after the two bits of the variant.
    const high = (counter >>> 14).toString(16).padStart(3, '0')
    const low = (0x8000 | (counter & 0x3fff)).toString(16)
    return `${prefix}-7${high}-${low}-${randomUUID().slice(24)}`
  }
}

/** The smallest id of an instant: ids made before it sort below, those made at it or later do not. */
export function firstIdAt(milliseconds: number): string {
  return `${timePrefix(clamp(milliseconds))}-7000-8000-000000000000`
}

/** Whether a text has the form of an id. */
export function isId(text: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(text)
}

function timePrefix(milliseconds: number): string {
  const hex = milliseconds.toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}`
}

function clamp(milliseconds: number): number {
  return Math.min(Math.max(Math.ceil(milliseconds), 0), 2 ** 48 - 1)
}
