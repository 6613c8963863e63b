// Messages of devices → windows → answers, each point once: what is over from a message, and the keys of the latest, are
// written in the transaction of the answer, so that a message that is sent again after a kill or a lost acknowledgement
// is known. One device's messages are taken one after another, those of several devices side by side.
import type { Clock } from '../../clock.ts'
import type { Json } from '../../json.ts'
import type { SideRow } from '../../store/side-row.ts'
import type { StreamDevice, StreamDeviceStore } from '../../store/stream-devices.ts'
import { type VibrationPoint, WINDOW_POINTS } from './input.ts'

export interface StreamMessage {
  readonly device: string
  readonly points: readonly VibrationPoint[]
  /** The same when it is sent again. */
  readonly key: string
  /** Whether it may be here already; the key of one that cannot be is not looked for. */
  readonly mayBeKnown: boolean
}

/** Records the answer to a window, and the row in the same transaction. */
export type RecordWindow = (
  window: { readonly device: string; readonly points: readonly VibrationPoint[] },
  row: SideRow,
) => Promise<void>

export interface StreamWindowsParts {
  readonly store: StreamDeviceStore
  readonly clock: Clock
  readonly record: RecordWindow
  /** Resolves when it is to be tried again; rejects to give the message up. */
  readonly failed: (error: unknown, tries: number) => Promise<void>
}

export interface StreamWindows {
  /** Resolves when all that the message completes is recorded. @returns false where it was here already */
  take(message: StreamMessage): Promise<boolean>
}

interface Device {
  readonly points: readonly VibrationPoint[]
  readonly keys: readonly string[]
}

/** More than a broker has under way at once (Mosquitto: 20). */
const KEPT_KEYS = 64
/** Devices in memory; the others are read again. */
const IN_MEMORY = 10_000

export function createStreamWindows({
  store,
  clock,
  record,
  failed,
}: StreamWindowsParts): StreamWindows {
  const known = new Map<string, Device>()
  const queues = new Map<string, Promise<unknown>>()

  const load = async (name: string): Promise<Device> => {
    const row = await store.get(name)
    if (row === null) return { points: [], keys: [] }
    return { points: row.points as unknown as VibrationPoint[], keys: row.keys }
  }

  const remember = (name: string, device: Device): void => {
    known.delete(name)
    known.set(name, device)
    if (known.size > IN_MEMORY) known.delete(known.keys().next().value!)
  }

  const toRow = (device: string, { points, keys }: Device): StreamDevice => ({
    ...{ device, keys, updated: clock.now() },
    points: points as unknown as Json,
  })

  const work = async ({ device, points, key, mayBeKnown }: StreamMessage): Promise<boolean> => {
    const before = known.get(device) ?? (await load(device))
    const repeated = mayBeKnown && before.keys.includes(key)
    let left = repeated ? before.points : [...before.points, ...points]
    const keys = repeated ? before.keys : [...before.keys, key].slice(-KEPT_KEYS)
    if (!repeated && left.length < WINDOW_POINTS) {
      await store.put(toRow(device, { points: left, keys }))
      remember(device, { points: left, keys })
    }
    // Of a message that was cut short by a kill, the rest waits among the points.
    while (left.length >= WINDOW_POINTS) {
      const next = { points: left.slice(WINDOW_POINTS), keys }
      const window = { device, points: left.slice(0, WINDOW_POINTS) }
      await record(window, { table: 'stream_devices', ...toRow(device, next) })
      remember(device, next)
      left = next.points
    }
    return !repeated
  }

  const persist = async (message: StreamMessage): Promise<boolean> => {
    for (let tries = 0; ; tries++) {
      try {
        // What failed after its first window was recorded is known, too.
        const isNew = await work({ ...message, mayBeKnown: message.mayBeKnown || tries > 0 })
        return isNew || tries > 0
      } catch (error) {
        await failed(error, tries)
      }
    }
  }

  return {
    take: (message) => {
      const before = queues.get(message.device) ?? Promise.resolve()
      const result = before.then(() => persist(message))
      const queued: Promise<unknown> = result
        .catch(() => undefined)
        .then(() => {
          if (queues.get(message.device) === queued) queues.delete(message.device)
        })
      queues.set(message.device, queued)
      return result
    },
  }
}
