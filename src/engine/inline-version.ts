// A loaded version that decodes and runs on the calling thread, for work of some 50 µs: no hop and no queue. Graphs of
// onnxruntime take what arrives in one turn of the event loop together; others run at once.
import { DugaError } from '../errors.ts'
import type { BatchOutcome } from './batcher.ts'
import type { EngineEvents } from './events.ts'
import { holdVersion, type InlineGraph, type OpenGraph } from './held-version.ts'
import { createInlineBatches } from './inline-batches.ts'
import type { Rows, VersionSpec } from './lane-protocol.ts'
import type { Computed, LoadedVersion } from './loaded-version.ts'
import type { CallOptions } from './ticket.ts'

/** @param graphs ways to run a graph without onnxruntime, tried in order */
export async function openInlineVersion(
  spec: VersionSpec,
  { graphs, events }: { readonly graphs: readonly OpenGraph[]; readonly events: EngineEvents },
): Promise<LoadedVersion> {
  const { manifest } = spec.files
  const { service, maxBatch } = manifest
  const held = await holdVersion(spec, { threads: 1, native: (work) => work(), graphs })
  const onBatch = (rows: number) => events.onBatch?.(service, rows)
  const { immediate } = held
  const run =
    immediate === null
      ? createInlineBatches(held, maxBatch, onBatch)
      : (rows: Rows) => runAtOnce(immediate, rows, onBatch)
  return {
    manifest,
    predict: async (input, { signal }: CallOptions): Promise<Computed> => {
      if (signal?.aborted) throw new DugaError('cancelled')
      const started = performance.now()
      const found = held.decode(input)
      const decoded = found instanceof Promise ? await found : found
      const decodeMs = performance.now() - started
      const outcome = run(decoded)
      const done = outcome instanceof Promise ? await outcome : outcome
      return toComputed(done, decodeMs, decoded.extra)
    },
    infer: async (rows, { signal }: CallOptions): Promise<Computed> => {
      if (signal?.aborted) throw new DugaError('cancelled')
      return toComputed(await run(rows), 0, undefined)
    },
    close: () => held.release(),
  }
}

function runAtOnce(
  graph: InlineGraph,
  { rows, feeds }: Rows,
  onBatch: (rows: number) => void,
): BatchOutcome {
  const started = performance.now()
  onBatch(rows)
  const outputs = graph.run(feeds)
  return { outputs, queueMs: 0, inferenceMs: performance.now() - started, batchSize: rows }
}

function toComputed(
  { outputs, queueMs, inferenceMs, batchSize }: BatchOutcome,
  decodeMs: number,
  extra: Computed['extra'],
): Computed {
  return { outputs, extra, timings: { queueMs, decodeMs, inferenceMs }, batchSize }
}
