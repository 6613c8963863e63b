// A loader's thread: prepares the rows it is sent, one after the other, and sends back what became of each.
import { parentPort, workerData } from 'node:worker_threads'
import { toTransfer, toWireError, type WireError } from '../../engine/lane-protocol.ts'
import { createNative, openGuard } from '../../engine/native-guard.ts'
import { DugaError } from '../../errors.ts'
import type { Tensors } from '../../tensor/tensor.ts'
import { createDraw } from '../augment/counter-random.ts'
import type { LoaderRow, Prepare, PrepareModule } from './prepare.ts'

export interface WorkerSetup {
  readonly guard: Int32Array<SharedArrayBuffer>
  /** URL of a {@link PrepareModule}. */
  readonly module: string
  readonly setup: unknown
}

export interface Chunk {
  readonly rows: readonly LoaderRow[]
  readonly seed: number
  readonly epoch: number
}

export type RowOutcome =
  | { readonly inputs: Tensors }
  /** Left out. */
  | { readonly reason: string }

export type WorkerReply =
  | { readonly type: 'ready' }
  | { readonly type: 'done'; readonly outcomes: readonly RowOutcome[] }
  | { readonly type: 'failed'; readonly error: WireError }

const { guard, module, setup }: WorkerSetup = workerData
const native = createNative(guard)
const port = parentPort!
let prepare: Promise<Prepare> | null = null

port.on('message', (chunk: Chunk) => {
  void answer(chunk)
})
openGuard(guard)
port.postMessage({ type: 'ready' } satisfies WorkerReply)

async function answer(chunk: Chunk): Promise<void> {
  const transfer = new Set<ArrayBuffer>()
  try {
    const outcomes = await native(() => prepareAll(chunk, transfer))
    port.postMessage({ type: 'done', outcomes } satisfies WorkerReply, [...transfer])
  } catch (error) {
    port.postMessage({ type: 'failed', error: toWireError(error) } satisfies WorkerReply)
  }
}

async function prepareAll(
  { rows, seed, epoch }: Chunk,
  transfer: Set<ArrayBuffer>,
): Promise<readonly RowOutcome[]> {
  prepare ??= load()
  const toInputs = await prepare
  const outcomes: RowOutcome[] = []
  for (const row of rows) {
    try {
      const inputs = await toInputs(row, createDraw({ seed, epoch, id: row.id }))
      outcomes.push({ inputs: toTransfer(inputs, transfer) })
    } catch (error) {
      if (!(error instanceof DugaError)) throw error
      outcomes.push({ reason: error.message })
    }
  }
  return outcomes
}

async function load(): Promise<Prepare> {
  const { createPrepare } = (await import(module)) as PrepareModule<unknown>
  return await createPrepare(setup)
}
