// Rows that arrive in one turn of the event loop, run together in place: a call of onnxruntime costs tens of
// microseconds however few rows it has. As for lanes, one that makes its batch fail fails alone.
import type { Tensors } from '../tensor/tensor.ts'
import { type BatchItem, type BatchOutcome, createBatcher } from './batcher.ts'
import type { HeldVersion } from './held-version.ts'
import type { Rows } from './lane-protocol.ts'
import { createTicket } from './ticket.ts'

/** Rows of one run on the HTTP thread: it is blocked for as long. */
const MOST_ROWS = 64

/** @param onBatch told the rows of every run */
export function createInlineBatches(
  held: HeldVersion,
  maxBatch: number,
  onBatch: (rows: number) => void,
): (rows: Rows) => Promise<BatchOutcome> {
  const batcher = createBatcher(Math.min(maxBatch, MOST_ROWS), 0)
  // Who comes in one turn is answered in the next: no deadline, and nobody can leave in between.
  const ticket = createTicket({})
  let scheduled = false
  const flush = async (): Promise<void> => {
    scheduled = false
    for (;;) {
      const batch = batcher.take()
      if (batch === null) return
      await runBatchItems(held, batch, onBatch)
    }
  }
  return ({ rows, feeds }) =>
    new Promise((resolve, reject) => {
      const arrived = performance.now()
      batcher.add({ rows, feeds, ticket, arrived, solo: false, owned: true, resolve, reject })
      if (scheduled) return
      scheduled = true
      setImmediate(() => void flush())
    })
}

async function runBatchItems(
  held: HeldVersion,
  batch: readonly BatchItem[],
  onBatch: (rows: number) => void,
): Promise<void> {
  const started = performance.now()
  const batchSize = batch.reduce((sum, { rows }) => sum + rows, 0)
  onBatch(batchSize)
  try {
    const outcomes = await held.run(batch)
    const inferenceMs = performance.now() - started
    for (const [i, outcome] of outcomes.entries()) {
      const { arrived, resolve, reject } = batch[i]!
      const queueMs = started - arrived
      if (outcome.ok) {
        const outputs: Tensors = outcome.outputs
        resolve({ outputs, queueMs, inferenceMs, batchSize })
      } else reject(toError(outcome.error))
    }
  } catch (error) {
    for (const { reject } of batch) reject(toError(error))
  }
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
