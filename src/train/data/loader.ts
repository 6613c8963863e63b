// Rows → batches, prepared by threads ahead of the step. The same seed gives the same batches whatever the number of
// threads, and an epoch can be taken up at any batch.
import { availableParallelism } from 'node:os'
import type { Tensor, TensorArray, Tensors } from '../../tensor/tensor.ts'
import { createRandom, shuffled } from '../random.ts'
import type { RowOutcome } from './loader-worker.ts'
import type { LoaderRow } from './prepare.ts'
import { createPreparePool, type PoolOptions, type PreparePool } from './prepare-pool.ts'
import type { Skipped } from './row.ts'

export interface LoaderOptions extends Omit<PoolOptions, 'threads'> {
  readonly rows: readonly LoaderRow[]
  readonly batchSize: number
  readonly seed: number
  /** Another order each epoch. Default: true; false is for validation and test. */
  readonly shuffle?: boolean
  /** Default: the cores. */
  readonly threads?: number
  /** Most batches ahead of the one that was taken. Default: 3. */
  readonly prefetch?: number
  /** Most bytes of batches that are ready or in the making; one is always made. Default: 256 MB. */
  readonly memoryBytes?: number
}

export interface Batch {
  readonly epoch: number
  readonly batch: number
  /** Places in `rows`, in the batch's order; fewer than asked for where some were left out. */
  readonly rows: readonly number[]
  /** Each with as many rows; none where every row was left out. */
  readonly inputs: Tensors
}

export interface Loader {
  readonly batchesPerEpoch: number
  /** Rows that were left out so far, each once. */
  readonly skipped: readonly Skipped[]
  /**
   * The batches of an epoch, from `batch` (default 0) on. Leaving the loop early drops what was not begun.
   * @throws what the preparing module throws beside DugaErrors, DugaError lane.lost, the signal's reason
   */
  batches(
    from: { readonly epoch: number; readonly batch?: number },
    signal?: AbortSignal,
  ): AsyncGenerator<Batch, void>
  /** Ends the threads. */
  close(): Promise<void>
}

/** Rows that a thread is sent at once. */
const CHUNK_ROWS = 4

export function createLoader(options: LoaderOptions): Loader {
  const { rows, batchSize, threads = availableParallelism() } = options
  const { prefetch = 3, memoryBytes = 256 << 20 } = options
  const pool = createPreparePool({ ...options, threads })
  const batchesPerEpoch = Math.ceil(rows.length / batchSize)
  const skipped = new Map<string, string>()
  // Until one batch has shown its size, no second one is begun.
  let mostPending = 1

  const load = async (
    epoch: number,
    batch: number,
    order: readonly number[],
    signal: AbortSignal,
  ): Promise<Batch> => {
    const places = order.slice(batch * batchSize, (batch + 1) * batchSize)
    const outcomes = await prepareRows(pool, options, places, epoch, signal)
    const kept: number[] = []
    const inputs: Tensors[] = []
    for (const [index, outcome] of outcomes.entries()) {
      const place = places[index]!
      if ('reason' in outcome) skipped.set(rows[place]!.id, outcome.reason)
      else {
        kept.push(place)
        inputs.push(outcome.inputs)
      }
    }
    const joined = joinRows(inputs)
    // Rows and the batch made of them are there at the same time.
    const bytes = 2 * byteLength(joined)
    mostPending = Math.max(1, Math.min(prefetch + 1, Math.floor(memoryBytes / Math.max(1, bytes))))
    return { epoch, batch, rows: kept, inputs: joined }
  }

  return {
    batchesPerEpoch,
    get skipped() {
      return Array.from(skipped, ([file, reason]) => ({ file, reason }))
    },
    batches: async function* ({ epoch, batch = 0 }, signal) {
      const order = epochOrder(rows.length, options.seed, epoch, options.shuffle ?? true)
      const left = new AbortController()
      const either = signal === undefined ? left.signal : AbortSignal.any([signal, left.signal])
      const pending: Promise<Batch>[] = []
      let next = batch
      const begin = () => {
        while (next < batchesPerEpoch && pending.length < mostPending) {
          const promise = load(epoch, next, order, either)
          // It may fail while an earlier one is awaited; it is awaited itself in its turn.
          promise.catch(() => {})
          pending.push(promise)
          next += 1
        }
      }
      try {
        begin()
        while (pending.length > 0) {
          const ready = await pending.shift()!
          signal?.throwIfAborted()
          begin()
          yield ready
        }
      } finally {
        left.abort(new Error('the epoch was left'))
        await Promise.allSettled(pending)
      }
    },
    close: pool.close,
  }
}

/** Places 0 … count − 1 in the order of an epoch. */
export function epochOrder(
  count: number,
  seed: number,
  epoch: number,
  shuffle: boolean,
): readonly number[] {
  const places = Array.from({ length: count }, (_, place) => place)
  // An odd factor: neighbouring epochs get seeds far apart.
  return shuffle ? shuffled(places, createRandom(seed + Math.imul(epoch + 1, 0x9e3779b1))) : places
}

async function prepareRows(
  pool: PreparePool,
  { rows, seed }: LoaderOptions,
  places: readonly number[],
  epoch: number,
  signal: AbortSignal,
): Promise<readonly RowOutcome[]> {
  const chunks: Promise<readonly RowOutcome[]>[] = []
  for (let start = 0; start < places.length; start += CHUNK_ROWS) {
    const own = places.slice(start, start + CHUNK_ROWS)
    const sent = own.map((place) => {
      const { id, path, contentHash } = rows[place]!
      return { id, path, contentHash }
    })
    chunks.push(pool.run({ rows: sent, seed, epoch }, signal))
  }
  return (await Promise.all(chunks)).flat()
}

/** Rows of one shape → tensors with all of them. */
function joinRows(rows: readonly Tensors[]): Tensors {
  const [first] = rows
  if (first === undefined) return {}
  return Object.fromEntries(
    Object.entries(first).map(([name, one]) => [name, joinTensors(rows, name, one)]),
  )
}

function joinTensors(rows: readonly Tensors[], name: string, first: Tensor): Tensor {
  const size = first.data.length
  const Values = first.data.constructor as new (
    length: number,
  ) => Exclude<TensorArray, BigInt64Array>
  const data = new Values(size * rows.length)
  for (const [index, row] of rows.entries()) {
    const tensor = row[name]
    if (tensor === undefined || tensor.dims.join() !== first.dims.join()) {
      throw new Error(
        `Rows differ in "${name}": ${tensor?.dims.join('×')}, ${first.dims.join('×')}`,
      )
    }
    data.set(tensor.data as Float32Array, index * size)
  }
  return { type: first.type, dims: [rows.length, ...first.dims.slice(1)], data }
}

function byteLength(tensors: Tensors): number {
  return Object.values(tensors).reduce((sum, { data }) => sum + data.byteLength, 0)
}
