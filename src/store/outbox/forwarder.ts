// Carries what an outbox holds to its target, oldest first, for as long as it takes: in batches, with exponential back-off
// and jitter while the target is away. What the target will never take is set aside in a file of its own.
import { once } from 'node:events'
import { appendFile, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { createAlert } from '../../alert.ts'
import { backOff, pause } from '../../back-off.ts'
import { reasonOf } from '../database-errors.ts'
import { type Outbox, type OutboxState, openOutbox } from './outbox.ts'
import type { OutboxRecord } from './segment.ts'

/** Where records go. */
export interface Target {
  /** `influxdb`, `postgres`, `mqtt`: the outbox' folder, and its name in metrics, health and log. */
  readonly name: string
  /**
   * Writes all of them, in order; written twice, they are there once.
   * @param outbox id of the outbox that they come from
   * @throws RefusedError where one of them will never be taken; any other error: later
   */
  deliver(records: readonly OutboxRecord[], outbox: string, signal: AbortSignal): Promise<void>
  close(): Promise<void>
}

/** The target understood, and will never take these records as they are. */
export class RefusedError extends Error {
  override name = 'RefusedError'
}

/** The target asks to be left alone for a while. */
export class BusyError extends Error {
  override name = 'BusyError'
  readonly retryAfterMs: number
  constructor(message: string, retryAfterMs: number) {
    super(message)
    this.retryAfterMs = retryAfterMs
  }
}

export interface ForwarderLog {
  info(details: object, message: string): void
  warn(details: object, message: string): void
  error(details: object, message: string): void
}

export interface Forwarder {
  readonly name: string
  /** Resolves when the payloads survive kill -9. Never throws: what the disk does not take is counted as dropped. */
  append(payloads: readonly Uint8Array[]): Promise<void>
  state(): ForwarderState
  /** Sends what waits, for a few seconds; the rest stays on disk. */
  close(): Promise<void>
}

export interface ForwarderState extends OutboxState {
  readonly name: string
  readonly delivered: number
  readonly refused: number
  /** Why the last attempt failed; null while the target takes what it is given. */
  readonly failing: string | null
}

export interface ForwarderOptions {
  readonly folder: string
  readonly maxBytes: number
  readonly log: ForwarderLog
  /** Most records of one delivery. */
  readonly batch?: number
  /** How long the first record of a batch waits for others. */
  readonly lingerMs?: number
  readonly retryMs?: number
  readonly maxRetryMs?: number
}

const CLOSE_MS = 3000
const ALERT_MS = 60_000
const REFUSED_BYTES = 4 * 1024 * 1024

export async function startForwarder(
  target: Target,
  options: ForwarderOptions,
): Promise<Forwarder> {
  const { log, batch = 5000, lingerMs = 100, retryMs = 500, maxRetryMs = 30_000 } = options
  const { name } = target
  const folder = join(options.folder, name)
  const counts = { delivered: 0, refused: 0, undurable: 0 }
  const alertDropped = createAlert(ALERT_MS, (lost) => {
    const message = `outbox of ${name}: it is full or its disk is at fault, records were dropped`
    log.error({ outbox: name, dropped: lost }, message)
  })
  const outbox: Outbox = await openOutbox(folder, {
    maxBytes: options.maxBytes,
    onDropped: (records) => alertDropped(records),
    onFault: (err) => log.error({ err, outbox: name }, 'outbox'),
  })
  const closing = new AbortController()
  const abort = new AbortController()
  const aborted = once(abort.signal, 'abort').then(() => {
    throw new Error('the server stops; what waits is sent by the next one')
  })
  aborted.catch(() => undefined)
  let failures = 0
  let failing: string | null = null
  let wake = Promise.withResolvers<void>()

  const deliver = async (records: readonly OutboxRecord[]): Promise<void> => {
    try {
      await Promise.race([target.deliver(records, outbox.id, abort.signal), aborted])
      counts.delivered += records.length
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error
      if (records.length > 1) {
        // One of them is at fault; the others are to arrive, and in order.
        const middle = records.length >> 1
        await deliver(records.slice(0, middle))
        await deliver(records.slice(middle))
        return
      }
      counts.refused += 1
      log.warn(
        { outbox: name, reason: error.message },
        `${name} refused a record; it was set aside`,
      )
      await setAside(folder, records[0]!, error.message)
    }
    await outbox.advance(records.at(-1)!.end, records.length)
  }

  const recovered = (): void => {
    if (failing === null) return
    log.info({ outbox: name, attempts: failures }, `${name} is back; what waited is sent`)
    failures = 0
    failing = null
  }

  const run = async (): Promise<void> => {
    for (;;) {
      const { promise } = wake
      try {
        const records = await outbox.read(batch)
        if (records.length === 0) {
          if (closing.signal.aborted) return
          await promise
          await pause(lingerMs, closing.signal)
          continue
        }
        await deliver(records)
        recovered()
      } catch (error) {
        failures += 1
        const message = rootReasonOf(error)
        if (failing === null) {
          log.warn({ outbox: name, reason: message }, `${name} is away; writes wait on disk`)
        }
        failing = message
        if (closing.signal.aborted) return
        const asked = error instanceof BusyError ? error.retryAfterMs : 0
        const own = backOff(failures, { firstMs: retryMs, mostMs: maxRetryMs })
        await pause(Math.max(asked, own), closing.signal)
      }
    }
  }
  const running = run()

  return {
    name,
    append: async (payloads) => {
      try {
        await outbox.append(payloads)
        wake.resolve()
        wake = Promise.withResolvers()
      } catch (err) {
        counts.undurable += payloads.length
        log.error({ err, outbox: name }, 'outbox')
        alertDropped(payloads.length)
        failing ??= rootReasonOf(err)
      }
    },
    state: () => {
      const { records, bytes, dropped } = outbox.state()
      const { delivered, refused, undurable } = counts
      return { name, records, bytes, dropped: dropped + undurable, delivered, refused, failing }
    },
    close: async () => {
      closing.abort()
      wake.resolve()
      const deadline = setTimeout(() => abort.abort(), CLOSE_MS)
      await running
      clearTimeout(deadline)
      await target.close()
      await outbox.close()
    },
  }
}

/** What lies behind an error of `fetch` or of several addresses is the part that helps. */
function rootReasonOf(error: unknown): string {
  return error instanceof Error && error.cause instanceof Error
    ? rootReasonOf(error.cause)
    : reasonOf(error)
}

async function setAside(folder: string, { payload }: OutboxRecord, reason: string): Promise<void> {
  const path = join(folder, 'refused.jsonl')
  const time = new Date().toISOString()
  const record = Buffer.from(payload).toString('utf8')
  await appendFile(path, `${JSON.stringify({ time, reason, record })}\n`, { mode: 0o600 })
  if ((await stat(path)).size > REFUSED_BYTES) await rename(path, join(folder, 'refused.1.jsonl'))
}
