// Many inputs at one version, a few at a time and in order of their places.
import { DugaError } from '../../errors.ts'
import type { Skipped } from '../data/row.ts'
import type { Asked, EvaluateContext } from './task.ts'

/** Enough for all lanes and far less than the engine's queue. */
const AT_ONCE = 16

export interface AskAll<Row> {
  readonly rows: readonly Row[]
  readonly inputOf: (row: Row) => unknown
  /** What is kept of an answer. */
  readonly keep: (asked: Asked, row: Row) => Float32Array
  /** How a row that cannot be decoded is called. */
  readonly nameOf: (row: Row) => string
}

/** @returns what was kept of each row, null of one that cannot be decoded, which is listed with its reason */
export async function askAll<Row>(
  { ask, signal, progress }: EvaluateContext,
  { rows, inputOf, keep, nameOf }: AskAll<Row>,
): Promise<{
  readonly kept: readonly (Float32Array | null)[]
  readonly skipped: readonly Skipped[]
}> {
  const kept: (Float32Array | null)[] = Array(rows.length).fill(null)
  const skipped: Skipped[] = []
  let next = 0
  let done = 0
  const work = async (): Promise<void> => {
    while (next < rows.length) {
      signal.throwIfAborted()
      const place = next
      next += 1
      const row = rows[place]!
      try {
        kept[place] = keep(await ask(inputOf(row)), row)
      } catch (error) {
        // A bad input is left out; anything else is no fault of the row.
        if (!(error instanceof DugaError) || error.status >= 500) throw error
        skipped.push({ file: nameOf(row), reason: error.message })
      }
      done += 1
      progress(done / rows.length, 'asking')
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  skipped.sort((a, b) => (a.file < b.file ? -1 : 1))
  return { kept, skipped }
}
