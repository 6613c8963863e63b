// Runs the frozen part of a model over rows: once a row, or once an augmented view of it. What an earlier job has made of the
// same content with the same network comes from the cache. Nothing is held but the batches under way.
import { createHash } from 'node:crypto'
import { moduleUrl } from '../../engine/service.ts'
import { DugaError } from '../../errors.ts'
import { type FeatureSpace, openFeatureSpace } from '../data/feature-cache.ts'
import type { LoaderRow } from '../data/prepare.ts'
import { createPreparePool, type PreparePool } from '../data/prepare-pool.ts'
import type { Skipped } from '../data/row.ts'
import type { FeatureTable, TableType } from './feature-table.ts'
import { FEATURES, type FeaturesSetup } from './prepare-features.ts'

/** How rows become the model's inputs. */
export interface RowInputs {
  /** URL of a PrepareModule. */
  readonly module: URL
  /** For the rows as they are served. */
  readonly plain: unknown
  /** For augmented views; null where there are none. */
  readonly augmented: unknown
}

/** One row of a table: view 0 is the row as it is served, 1, 2, … are augmented. */
export interface ViewKey {
  /** Place in the rows. */
  readonly row: number
  readonly view: number
}

export interface ExtractOptions {
  readonly rows: readonly LoaderRow[]
  /** What the table's rows shall hold, in order. */
  readonly keys: readonly ViewKey[]
  readonly inputs: RowInputs
  /** ONNX file of the frozen part, with one output of `table.length` values a row. */
  readonly backbone: Uint8Array
  readonly table: FeatureTable
  readonly type: TableType
  /** Cache that outlives the job; see openFeatureSpace. */
  readonly cache: { readonly folder: string; readonly maxBytes: number }
  /** Of the augmentation. */
  readonly seed: number
  readonly threads: number
  readonly signal: AbortSignal
  /** @param fraction 0..1 */
  onProgress(fraction: number): void
}

export interface Extraction {
  /** Reason by row that could not be read; its keys hold nothing. */
  readonly skipped: ReadonlyMap<number, string>
  readonly computed: number
  readonly cached: number
  readonly notices: readonly string[]
}

/** Bytes of features that are computed, kept and written at once. */
const CHUNK_BYTES = 1 << 20
const MOST_ROWS = 64
/** Rows that a thread is sent at once. */
const THREAD_ROWS = 4

/**
 * Fills the table. Plain views come first, so that an unreadable file is met once.
 * @throws the signal's reason; DugaError lane.lost; what the preparing module throws beside DugaErrors
 */
export async function extractFeatures(options: ExtractOptions): Promise<Extraction> {
  const { keys, inputs, seed, onProgress } = options
  const skipped = new Map<number, string>()
  const places = [...keys.keys()]
  const isPlain = (place: number) => keys[place]!.view === 0
  const parts = [
    { setup: inputs.plain, seed: 0, own: places.filter(isPlain) },
    { setup: inputs.augmented, seed, own: places.filter((place) => !isPlain(place)) },
  ]
  let [done, computed, cached] = [0, 0, 0]
  const notices = new Set<string>()
  for (const part of parts.filter(({ own }) => own.length > 0)) {
    const onRows = (count: number) => {
      done += count
      onProgress(done / keys.length)
    }
    const { stats } = await extractPart({ ...options, seed: part.seed }, part, skipped, onRows)
    computed += stats.computed
    cached += stats.hits
    if (stats.writeError !== null) {
      notices.add(`Features could not be kept for the next job: ${stats.writeError.message}`)
    }
  }
  return { skipped, computed, cached, notices: [...notices] }
}

/** Files that were left out, as a report names them. */
export function toSkipped(
  rows: readonly LoaderRow[],
  { skipped }: Pick<Extraction, 'skipped'>,
): readonly Skipped[] {
  return Array.from(skipped, ([row, reason]) => ({ file: rows[row]!.id, reason })).toSorted(
    (a, b) => (a.file < b.file ? -1 : 1),
  )
}

async function extractPart(
  options: ExtractOptions,
  { setup, own }: { readonly setup: unknown; readonly own: readonly number[] },
  skipped: Map<number, string>,
  onRows: (count: number) => void,
): Promise<FeatureSpace> {
  const { inputs, backbone, table, type, threads, cache, seed } = options
  const space = await openFeatureSpace(cache, {
    backbone: createHash('sha256').update(backbone).digest('hex'),
    recipe: JSON.stringify([inputs.module.pathname.split('/').at(-1), setup, seed]),
    ...{ length: table.length, type },
  })
  const sent: FeaturesSetup = { module: inputs.module.href, setup, backbone }
  const module = moduleUrl(import.meta.url, './prepare-features')
  const pool = createPreparePool({ module, setup: sent, threads })
  const left = new AbortController()
  const signal = AbortSignal.any([options.signal, left.signal])
  const rows = Math.floor(CHUNK_BYTES / (4 * table.length))
  const size = Math.max(THREAD_ROWS, Math.min(MOST_ROWS, rows))
  let next = 0
  const work = async (): Promise<void> => {
    while (next < own.length) {
      signal.throwIfAborted()
      const chunk = own.slice(next, next + size)
      next += size
      await extractChunk({ ...options, signal }, { space, pool, chunk, skipped })
      onRows(chunk.length)
    }
  }
  try {
    // Two chunks under way keep every thread busy while one of them is written.
    const both = [work(), work()]
    await Promise.all(both).catch(async (error) => {
      left.abort(error)
      await Promise.allSettled(both)
      throw error
    })
  } finally {
    await pool.close()
  }
  return space
}

interface Chunk {
  readonly space: FeatureSpace
  readonly pool: PreparePool
  /** Places in the table. */
  readonly chunk: readonly number[]
  readonly skipped: Map<number, string>
}

async function extractChunk(
  options: ExtractOptions,
  { space, pool, chunk, skipped }: Chunk,
): Promise<void> {
  const { rows, keys, table } = options
  const isKept = (place: number) => !skipped.has(keys[place]!.row)
  const toKey = (place: number) => {
    const { row, view } = keys[place]!
    return { contentHash: rows[row]!.contentHash, view }
  }
  const made = new Map<number, Float32Array>()
  const wanted = chunk.filter(isKept)
  const missing = space.missing(wanted.map(toKey)).map((i) => wanted[i]!)
  await prepare(options, pool, missing, { made, skipped })
  const kept = wanted.filter(isKept)
  if (kept.length === 0) return
  const values = await space.getOrCompute(kept.map(toKey), async (places) => {
    // A file of the cache may have gone, or be damaged.
    const own = places.map((i) => kept[i]!)
    const lost = own.filter((place) => !made.has(place))
    await prepare(options, pool, lost, { made, skipped })
    const out = new Float32Array(own.length * table.length)
    for (const [i, place] of own.entries()) {
      const { row } = keys[place]!
      const reason = skipped.get(row)
      if (reason !== undefined)
        throw new DugaError('training.file-changed', { file: rows[row]!.id, reason })
      out.set(made.get(place)!, i * table.length)
    }
    return out
  })
  for (const [i, place] of kept.entries()) {
    await table.write(place, values.subarray(i * table.length, (i + 1) * table.length))
  }
}

/** Rows at these places through the threads. */
async function prepare(
  { rows, keys, seed, signal }: ExtractOptions,
  pool: PreparePool,
  places: readonly number[],
  into: { readonly made: Map<number, Float32Array>; readonly skipped: Map<number, string> },
): Promise<void> {
  const send = async (view: number, own: readonly number[]): Promise<void> => {
    const sent = own.map((place) => {
      const { path, contentHash } = rows[keys[place]!.row]!
      // Views depend on the content, not on the name: so does the cache.
      return { id: contentHash, path, contentHash }
    })
    const outcomes = await pool.run({ rows: sent, seed, epoch: view }, signal)
    for (const [i, outcome] of outcomes.entries()) {
      const { row } = keys[own[i]!]!
      const { id, contentHash } = rows[row]!
      if ('reason' in outcome) into.skipped.set(row, outcome.reason.replaceAll(contentHash, id))
      else into.made.set(own[i]!, outcome.inputs[FEATURES]!.data as Float32Array)
    }
  }
  const byView = Map.groupBy(places, (place) => keys[place]!.view)
  await Promise.all(
    [...byView].flatMap(([view, own]) =>
      Array.from({ length: Math.ceil(own.length / THREAD_ROWS) }, (_, i) =>
        send(view, own.slice(i * THREAD_ROWS, (i + 1) * THREAD_ROWS)),
      ),
    ),
  )
}
