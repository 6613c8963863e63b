// A prediction as it stands in the history, and its way into and out of a row.
import { CompiledQuery, type Kysely, type Selectable } from 'kysely'
import type { Json } from '../json.ts'
import type { PredictionTable, Schema } from './schema.ts'

export interface Prediction {
  readonly id: string
  readonly service: string
  readonly version: string
  /** Milliseconds since the Unix epoch. */
  readonly timestamp: number
  /** File name or text, at most 255 characters, without control characters. */
  readonly input: string
  readonly answer: Json
  readonly label: string | null
  /** 0..1 */
  readonly confidence: number | null
  readonly durationMs: number
  /** The client that asked. */
  readonly client: string | null
  readonly userId: number | null
  /** What a person said the label should be. */
  readonly feedback: string | null
}

/** What is given when a prediction is recorded; the input is cleaned and cut here. */
export interface NewPrediction extends Omit<Prediction, 'id' | 'feedback' | 'answer'> {
  /** From `history.newId(timestamp)`; made here where it is left out. */
  readonly id?: string
  /** Anything that JSON can hold. */
  readonly answer: unknown
}

const COLUMNS = [
  'service',
  'id',
  'version',
  'timestamp',
  'input',
  'answer',
  'label',
  'confidence',
  'duration_ms',
  'client',
  'user_id',
] as const

const LARGEST = 64

/** Values in the order of the columns of an insert. */
export function toValues(id: string, row: NewPrediction): readonly unknown[] {
  return [
    row.service,
    id,
    row.version,
    row.timestamp,
    cleanText(row.input),
    JSON.stringify(row.answer),
    row.label === null ? null : row.label.slice(0, 255),
    row.confidence,
    row.durationMs,
    row.client,
    row.userId,
  ]
}

/**
 * Compiles inserts of 64, 32, … 1 rows, once each: the few statements stay prepared.
 * @returns the statements that insert all given rows
 */
export function createInserts(
  db: Kysely<Schema>,
): (rows: readonly (readonly unknown[])[]) => CompiledQuery[] {
  const texts = new Map<number, string>()
  const text = (rows: number): string => {
    const row = Object.fromEntries(COLUMNS.map((column) => [column, ''])) as never
    const sql =
      texts.get(rows) ??
      db.insertInto('predictions').values(new Array(rows).fill(row)).compile().sql
    texts.set(rows, sql)
    return sql
  }
  return (rows) => {
    const queries: CompiledQuery[] = []
    let start = 0
    while (start < rows.length) {
      let size = LARGEST
      while (size > rows.length - start) size /= 2
      const values = rows.slice(start, start + size).flat()
      queries.push(CompiledQuery.raw(text(size), values))
      start += size
    }
    return queries
  }
}

export function toPrediction(row: Selectable<PredictionTable>): Prediction {
  return {
    id: row.id,
    service: row.service,
    version: row.version,
    timestamp: Number(row.timestamp),
    input: row.input,
    answer: JSON.parse(row.answer) as Json,
    label: row.label,
    confidence: row.confidence,
    durationMs: row.duration_ms,
    client: row.client,
    userId: row.user_id,
    feedback: row.feedback_label,
  }
}

/** Without control characters and unpaired surrogates, at most 255 UTF-16 units, no pair cut in half. */
export function cleanText(text: string): string {
  const cut = text.length > 255 ? text.slice(0, 255) : text
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  if (!/[\u0000-\u001f\u007f-\u009f\ud800-\udfff]/.test(cut)) return cut
  const whole = /[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is replaced.
  return whole.toWellFormed().replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, '\ufffd')
}
