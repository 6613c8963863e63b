// The work of one version for the lanes: inputs to decode and decoded items to run, in an order in which neither starves.

import { type BatchItem, type BatchOutcome, createBatcher } from './batcher.ts'
import type { EngineEvents } from './events.ts'
import type { LaneTask, TaskSource } from './lane-pool.ts'
import { fromWireError, type Rows } from './lane-protocol.ts'
import type { Decoded } from './service.ts'
import type { Ticket } from './ticket.ts'

export interface VersionQueueOptions {
  readonly service: string
  readonly key: string
  readonly maxBatch: number
  readonly maxWaitMs: number
  readonly limitMs: number
  readonly events: EngineEvents
  /** Called when something was added. */
  readonly wake: () => void
}

export interface DecodeOutcome {
  readonly decoded: Decoded
  readonly queueMs: number
  readonly decodeMs: number
}

export interface VersionQueue extends TaskSource {
  /** @throws what decode throws; DugaError `cancelled`, `deadline.exceeded`, `lane.lost`, `lane.timeout` */
  decode(input: unknown, ticket: Ticket): Promise<DecodeOutcome>
  /** @throws what the graph throws, for this item alone; DugaErrors as {@link VersionQueue.decode} */
  run(rows: Rows, ticket: Ticket, how: { solo: boolean; owned: boolean }): Promise<BatchOutcome>
}

interface DecodeItem {
  readonly input: unknown
  readonly ticket: Ticket
  readonly arrived: number
  resolve(outcome: DecodeOutcome): void
  reject(error: Error): void
}

export function createVersionQueue(options: VersionQueueOptions): VersionQueue {
  const { key, maxBatch, maxWaitMs, limitMs, wake } = options
  const batcher = createBatcher(maxBatch, maxWaitMs)
  const decodes: DecodeItem[] = []
  let ranLast = false

  const takeDecode = (): LaneTask | null => {
    let item = decodes.shift()
    while (item !== undefined && item.ticket.abandoned !== null) item = decodes.shift()
    return item === undefined ? null : decodeTask(item, key, limitMs)
  }
  const takeRun = (): LaneTask | null => {
    const batch = batcher.take()
    return batch === null ? null : runTask(batch, options)
  }

  return {
    take: (now) => {
      // A batch that is due goes first, but never twice in a row past a waiting input. One that is not due gathers
      // company while there is anything to decode.
      const runFirst = !ranLast && batcher.due(now)
      ranLast = runFirst
      const task = runFirst ? takeRun() : takeDecode()
      if (task !== null) return task
      ranLast = !runFirst
      return runFirst ? takeDecode() : takeRun()
    },
    decode: (input, ticket) => {
      const { promise, resolve, reject } = Promise.withResolvers<DecodeOutcome>()
      ticket.onAbandon(reject)
      decodes.push({ input, ticket, arrived: performance.now(), resolve, reject })
      wake()
      return promise
    },
    run: ({ rows, feeds }, ticket, { solo, owned }) => {
      const { promise, resolve, reject } = Promise.withResolvers<BatchOutcome>()
      ticket.onAbandon(reject)
      batcher.add({ rows, feeds, ticket, arrived: performance.now(), solo, owned, resolve, reject })
      wake()
      return promise
    },
  }
}

function decodeTask(item: DecodeItem, key: string, limitMs: number): LaneTask {
  return async (lane) => {
    const queueMs = performance.now() - item.arrived
    try {
      const request = { type: 'decode', key, input: item.input } as const
      const { value, ms } = await lane.request<'decode'>(request, [], limitMs)
      item.resolve({ decoded: value, queueMs, decodeMs: ms })
    } catch (error) {
      item.reject(error as Error)
    }
  }
}

function runTask(batch: readonly BatchItem[], options: VersionQueueOptions): LaneTask {
  const { service, key, limitMs, events } = options
  return async (lane) => {
    const started = performance.now()
    const batchSize = batch.reduce((sum, item) => sum + item.rows, 0)
    events.onBatch?.(service, batchSize)
    const items = batch.map(({ rows, feeds }) => ({ rows, feeds }))
    const transfer = batch.flatMap((item) => (item.owned ? buffersOf(item) : []))
    try {
      const { value, ms } = await lane.request<'run'>(
        { type: 'run', key, items },
        transfer,
        limitMs,
      )
      for (const [i, outcome] of value.entries()) {
        const { arrived, resolve, reject } = batch[i]!
        const queueMs = started - arrived
        if (outcome.ok) resolve({ outputs: outcome.outputs, queueMs, inferenceMs: ms, batchSize })
        else reject(fromWireError(outcome.error))
      }
    } catch (error) {
      for (const item of batch) item.reject(error as Error)
    }
  }
}

function buffersOf({ feeds }: Rows): ArrayBuffer[] {
  return Object.values(feeds).map(({ data }) => data.buffer as ArrayBuffer)
}
