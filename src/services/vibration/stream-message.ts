// The payload of a sensor's message → points. Three forms: the body of /infer, a list of points, one point.
import { createHash } from 'node:crypto'
import { DugaError } from '../../errors.ts'
import { LONGEST_DEVICE_ID, toPoint, type VibrationPoint } from './input.ts'

/** An hour at 24 points a second is more than one message should hold. */
const MOST_POINTS = 10_000
const MAX_BYTES = 1024 * 1024

export interface MessageBody {
  readonly points: readonly VibrationPoint[]
  /** The sender's own name of the message (`message_id`); null where it gives none. */
  readonly id: string | null
}

/** @throws DugaError input.invalid */
export function readMessage(payload: Uint8Array): MessageBody {
  if (payload.length > MAX_BYTES) throw invalid(`it has more than ${MAX_BYTES} bytes`)
  const body = parse(payload)
  const points = isList(body) ? body : 'data' in body ? body.data : [body]
  if (!Array.isArray(points) || points.length === 0 || points.length > MOST_POINTS) {
    throw invalid(`it holds 1 to ${MOST_POINTS} points, in a list "data"`)
  }
  const id = isList(body) ? undefined : body.message_id
  if (id !== undefined && typeof id !== 'string' && typeof id !== 'number') {
    throw invalid('message_id is neither text nor number')
  }
  return { points: points.map(toPoint), id: id === undefined ? null : String(id) }
}

/**
 * The device that a topic names.
 * @param pattern a topic of which one level is `+`, as it is subscribed to
 * @throws DugaError input.invalid where the name cannot be a device's
 */
export function readDevice(topic: string, pattern: string): string {
  const device = topic.split('/')[levelOf(pattern)]
  if (device !== undefined && device !== '' && device.length <= LONGEST_DEVICE_ID) return device
  throw invalid(`its topic names no device of 1 to ${LONGEST_DEVICE_ID} characters`)
}

/** The topic of a device; what a topic cannot hold is replaced. */
export function toTopic(pattern: string, device: string): string {
  return pattern.replace('+', () => device.replaceAll(/[/+#\0]/g, '_'))
}

/** By which a message that is sent again is known: the sender's name for it, else the broker's and what is in it. */
export function keyOf(packetId: number, payload: Uint8Array, id: string | null): string {
  const hash = createHash('sha256').update(id ?? payload)
  return `${id === null ? packetId : 'id'}:${hash.digest('base64url').slice(0, 16)}`
}

/** A shared subscription's first two levels are no part of the topic. */
function levelOf(pattern: string): number {
  const levels = pattern.split('/')
  return levels.indexOf('+') - (levels[0] === '$share' ? 2 : 0)
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value)
}

function parse(payload: Uint8Array): Readonly<Record<string, unknown>> | readonly unknown[] {
  let body: unknown
  try {
    body = JSON.parse(Buffer.from(payload).toString('utf8'))
  } catch (cause) {
    throw new DugaError('input.invalid', { reason: 'it is not JSON' }, { cause })
  }
  if (typeof body === 'object' && body !== null) return body as Readonly<Record<string, unknown>>
  throw invalid('it is neither an object nor a list')
}

function invalid(reason: string): DugaError {
  return new DugaError('input.invalid', { reason })
}
