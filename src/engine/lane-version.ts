// A loaded version whose decode and graph run in the lanes. What a dying lane takes with it is done once more.
import { DugaError } from '../errors.ts'
import { batchLimit } from './batch-limit.ts'
import type { EngineEvents } from './events.ts'
import type { LanePool } from './lane-pool.ts'
import type { Rows, VersionSpec } from './lane-protocol.ts'
import type { Computed, LoadedVersion } from './loaded-version.ts'
import { type CallOptions, createTicket, type Ticket } from './ticket.ts'
import { createVersionQueue, type VersionQueue } from './version-queue.ts'

/** Loads the version on every lane; see `holdVersion` for what is checked. */
export async function openLaneVersion(
  pool: LanePool,
  spec: VersionSpec,
  { maxWaitMs, events }: { readonly maxWaitMs: number; readonly events: EngineEvents },
): Promise<LoadedVersion> {
  const { key, files } = spec
  const { service } = files.manifest
  const { limitMs, threads, wake } = pool
  await pool.load(spec)
  const maxBatch = batchLimit(files.manifest, threads)
  const queue = createVersionQueue({ service, key, maxBatch, maxWaitMs, limitMs, events, wake })
  pool.addSource(queue)
  return {
    manifest: files.manifest,
    predict: (input, options) =>
      twice(options, (ticket, solo) => predictOnce(queue, input, ticket, solo)),
    infer: (rows, options) =>
      twice(options, (ticket, solo) => inferOnce(queue, rows, ticket, solo)),
    close: async () => {
      pool.removeSource(queue)
      await pool.unload(key)
    },
  }
}

async function predictOnce(
  queue: VersionQueue,
  input: unknown,
  ticket: Ticket,
  solo: boolean,
): Promise<Computed> {
  const { decoded, queueMs, decodeMs } = await queue.decode(input, ticket)
  const ran = await queue.run(decoded, ticket, { solo, owned: true })
  return {
    outputs: ran.outputs,
    extra: decoded.extra,
    timings: { queueMs: queueMs + ran.queueMs, decodeMs, inferenceMs: ran.inferenceMs },
    batchSize: ran.batchSize,
  }
}

async function inferOnce(
  queue: VersionQueue,
  rows: Rows,
  ticket: Ticket,
  solo: boolean,
): Promise<Computed> {
  const { outputs, queueMs, inferenceMs, batchSize } = await queue.run(rows, ticket, {
    solo,
    owned: false,
  })
  const timings = { queueMs, decodeMs: 0, inferenceMs }
  return { outputs, extra: undefined, timings, batchSize }
}

/** From the beginning and alone the second time: the tensors went with the lane, and one of a batch may have killed it. */
async function twice(
  options: CallOptions,
  once: (ticket: Ticket, solo: boolean) => Promise<Computed>,
): Promise<Computed> {
  const ticket = createTicket(options)
  try {
    return await once(ticket, false)
  } catch (error) {
    if (!(error instanceof DugaError) || error.code !== 'lane.lost') throw error
    return await once(ticket, true)
  } finally {
    ticket.close()
  }
}
