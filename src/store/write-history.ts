// Writes predictions with their side rows, all or none. A server that was lost before it said whether it had committed is
// asked which of the ids it holds, so that nothing is written twice and nothing that could be saved is lost.
import { setTimeout as sleep } from 'node:timers/promises'
import type { CompiledQuery } from 'kysely'
import type { Database } from './database.ts'
import { isConflict, isDuplicate, isUnavailable } from './database-errors.ts'
import { createInserts } from './prediction-row.ts'
import { insertSideRows, type SideRow } from './side-row.ts'

export interface HistoryEntry {
  readonly id: string
  readonly service: string
  /** In the order of `createInserts`. */
  readonly values: readonly unknown[]
  readonly side: readonly SideRow[]
}

const TRIES = 3
const PAUSE_MS = 100
/** No new try after so long: somebody waits for the answer. */
const PATIENCE_MS = 20_000

/** @returns a function that commits all entries or none; those whose ids are there already are left as they are */
export function createHistoryWriter(
  db: Database,
): (entries: readonly HistoryEntry[]) => Promise<void> {
  const writeAll = createWriteAll(db)
  return async (entries) => {
    const began = performance.now()
    let missing = entries
    for (let tries = 1; ; tries++) {
      try {
        if (tries > 1) missing = await withoutKnown(db, entries)
        if (missing.length > 0) await writeAll(missing)
        return
      } catch (error) {
        const late = performance.now() - began > PATIENCE_MS
        if (tries === TRIES || late || !mayHelp(db, error)) throw error
        await sleep(PAUSE_MS * tries)
      }
    }
  }
}

function mayHelp({ kind }: Database, error: unknown): boolean {
  // SQLite has waited for its lock by itself.
  const lost = kind !== 'sqlite' && isUnavailable(error)
  return lost || isConflict(error) || isDuplicate(error)
}

function createWriteAll({ kysely }: Database): (entries: readonly HistoryEntry[]) => Promise<void> {
  const inserts = createInserts(kysely)
  return async (entries) => {
    const queries: CompiledQuery[] = inserts(entries.map(({ values }) => values))
    const side = entries.flatMap((entry) => entry.side)
    if (queries.length === 1 && side.length === 0) {
      await kysely.executeQuery(queries[0]!)
      return
    }
    await kysely.transaction().execute(async (transaction) => {
      for (const query of queries) await transaction.executeQuery(query)
      await insertSideRows(transaction, side)
    })
  }
}

async function withoutKnown(
  { kysely }: Database,
  entries: readonly HistoryEntry[],
): Promise<readonly HistoryEntry[]> {
  const services = [...new Set(entries.map(({ service }) => service))]
  const known = await kysely
    .selectFrom('predictions')
    .select(['service', 'id'])
    .where('service', 'in', services)
    .where(
      'id',
      'in',
      entries.map(({ id }) => id),
    )
    .execute()
  const keys = new Set(known.map(({ service, id }) => `${service} ${id}`))
  return entries.filter(({ service, id }) => !keys.has(`${service} ${id}`))
}
