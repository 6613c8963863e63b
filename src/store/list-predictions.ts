// Pages of the history, newest first. Every query walks one index in its order, from where the cursor stands:
// (service, client, id), (service, label, id), (service, version, id) or (service, id). Filters that the index does
// not hold are applied to windows of it, so no query grows with the history.
import { setImmediate as turn } from 'node:timers/promises'
import { sql } from 'kysely'
import { DugaError } from '../errors.ts'
import type { Database } from './database.ts'
import { firstIdAt, isId } from './ids.ts'
import { type Prediction, toPrediction } from './prediction-row.ts'
import type { PredictionTable } from './schema.ts'

export interface PredictionFilter {
  /** Milliseconds since the Unix epoch, inclusive. */
  readonly from?: number
  /** Milliseconds since the Unix epoch, exclusive. */
  readonly to?: number
  readonly label?: string
  readonly version?: string
  readonly client?: string
  /** 0..1, inclusive. */
  readonly minConfidence?: number
  /** 0..1, inclusive. */
  readonly maxConfidence?: number
  /** 1..1000, default 50. */
  readonly limit?: number
  /** `next` of the page before. */
  readonly cursor?: string
}

export interface PredictionPage {
  readonly items: readonly Prediction[]
  /** Null at the end. A page may be shorter than asked for, even empty, and still have a next one. */
  readonly next: string | null
}

const WINDOW_ROWS = 10_000
const WINDOWS_A_PAGE = 20

/** @throws DugaError `cursor.invalid` */
export async function listPredictions(
  db: Database,
  service: string,
  filter: PredictionFilter,
): Promise<PredictionPage> {
  if (filter.cursor !== undefined && !isId(filter.cursor)) throw new DugaError('cursor.invalid')
  const limit = Math.min(Math.max(Math.trunc(filter.limit ?? 50), 1), 1000)
  const lower = filter.from === undefined ? FIRST : firstIdAt(filter.from)
  let upper = filter.cursor ?? AFTER_ALL
  if (filter.to !== undefined && firstIdAt(filter.to) < upper) upper = firstIdAt(filter.to)
  const { equal, residual } = planFilters(filter)
  const items: Prediction[] = []
  for (let window = 0; window < WINDOWS_A_PAGE; window++) {
    const bounds = { service, equal, lower, upper }
    const end = residual ? await windowEnd(db, bounds) : null
    const missing = limit - items.length
    const found = await readWindow(db, { ...bounds, lower: end ?? lower }, filter, missing + 1)
    items.push(...found.slice(0, missing))
    if (found.length > missing) return { items, next: items.at(-1)!.id }
    if (end === null) return { items, next: null }
    upper = end
    // The walk may be long; let requests through between its windows.
    await turn()
  }
  return { items, next: upper }
}

const FIRST = '00000000-0000-7000-8000-000000000000'
const AFTER_ALL = 'g'

type EqualColumn = 'client' | 'label' | 'version'

interface Bounds {
  readonly service: string
  /** The column whose index is walked. */
  readonly equal: { readonly column: EqualColumn; readonly value: string } | null
  /** Inclusive. */
  readonly lower: string
  /** Exclusive. */
  readonly upper: string
}

function planFilters(filter: PredictionFilter): {
  readonly equal: Bounds['equal']
  /** Whether there are filters that the walked index does not hold. */
  readonly residual: boolean
} {
  const columns = (['client', 'label', 'version'] as const).filter(
    (column) => filter[column] !== undefined,
  )
  const [column] = columns
  const confidence = filter.minConfidence !== undefined || filter.maxConfidence !== undefined
  return {
    equal: column === undefined ? null : { column, value: filter[column]! },
    residual: confidence || columns.length > 1,
  }
}

/** The id that ends a window of so many rows below `upper`; null where fewer are left. */
async function windowEnd(db: Database, bounds: Bounds): Promise<string | null> {
  const row = await boundedQuery(db, bounds)
    .select('id')
    .limit(1)
    .offset(WINDOW_ROWS)
    .executeTakeFirst()
  return row?.id ?? null
}

async function readWindow(
  db: Database,
  bounds: Bounds,
  filter: PredictionFilter,
  limit: number,
): Promise<Prediction[]> {
  const { label, version, minConfidence, maxConfidence } = filter
  let query = boundedQuery(db, bounds).selectAll()
  if (label !== undefined) query = query.where('label', '=', label)
  if (version !== undefined) query = query.where('version', '=', version)
  if (minConfidence !== undefined) query = query.where('confidence', '>=', minConfidence)
  if (maxConfidence !== undefined) query = query.where('confidence', '<=', maxConfidence)
  return (await query.limit(limit).execute()).map(toPrediction)
}

function boundedQuery(db: Database, { service, equal, lower, upper }: Bounds) {
  const query = db.kysely
    .selectFrom(predictionsBy(db, equal?.column))
    .where('service', '=', service)
    .where('id', '>=', lower)
    .where('id', '<', upper)
    .orderBy('id', 'desc')
  return equal === null ? query : query.where(equal.column, '=', equal.value)
}

/** The table, walked by the index of a column. SQLite, having no statistics, and MySQL might else take the primary key. */
function predictionsBy({ kind }: Database, column: EqualColumn | undefined) {
  const hint = column === undefined ? '' : INDEX_HINT[kind].replace('?', `predictions_${column}`)
  return sql<PredictionTable>`predictions`.as<'predictions'>(sql.raw(`predictions${hint}`))
}

const INDEX_HINT = { sqlite: ' indexed by ?', postgres: '', mysql: ' force index (?)' } as const
