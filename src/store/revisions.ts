// Counters that tell other processes that something changed: each change counts up in its own transaction,
// each server looks every half second.
import type { Kysely } from 'kysely'
import type { Database } from './database.ts'
import { isDuplicate, isUnavailable } from './database-errors.ts'
import type { Schema } from './schema.ts'

/** What can change under a running server. `jobs` also keeps claims from overtaking each other. */
export type RevisionName = 'auth' | 'registry' | 'jobs'

/** Counts up; inside a transaction it also holds off others who count the same name. */
export async function countUp(db: Kysely<Schema>, name: RevisionName): Promise<void> {
  await db
    .updateTable('revisions')
    .set((row) => ({ value: row('value', '+', 1) }))
    .where('name', '=', name)
    .execute()
}

/** Makes the counters; called when a database is opened. */
export async function createRevisions({ kysely }: Database): Promise<void> {
  const present = await kysely.selectFrom('revisions').select('name').execute()
  for (const name of ['auth', 'registry', 'jobs'] as const) {
    if (present.some((row) => row.name === name)) continue
    try {
      await kysely.insertInto('revisions').values({ name, value: 0 }).execute()
    } catch (error) {
      if (!isDuplicate(error)) throw error
    }
  }
}

/** A database that has not answered for so long counts as away. */
const SILENT_MS = 6000

export interface RevisionWatch {
  /** Null while the database answers; else since when it has not (milliseconds since the Unix epoch). */
  awaySince(): number | null
  /** Looks now, and resolves when those told have dealt with it. */
  poll(): Promise<void>
  /** Resolves when the last look is over; the database may then be closed. */
  stop(): Promise<void>
}

/**
 * Calls `changed` for every counter that moved, by this process or another.
 * @param options.interval milliseconds
 * @param options.failed gets what a look or `changed` threw, of a database that is away once; looking goes on
 */
export async function watchRevisions(
  db: Database,
  changed: (name: RevisionName) => Promise<void> | void,
  {
    interval = 500,
    failed,
  }: { readonly interval?: number; readonly failed: (reason: unknown) => void },
): Promise<RevisionWatch> {
  let seen = await readRevisions(db)
  let asked: number | null = null
  let failing: number | null = null
  const look = async () => {
    asked = Date.now()
    try {
      const now = await readRevisions(db)
      failing = null
      return now
    } catch (error) {
      failing ??= asked
      throw error
    } finally {
      asked = null
    }
  }
  const poll = async () => {
    const now = await look()
    const before = seen
    seen = now
    for (const [name, value] of now) if (before.get(name) !== value) await changed(name)
  }
  let timer: NodeJS.Timeout | undefined
  let looking = Promise.resolve()
  let stopped = false
  const plan = () => {
    if (stopped) return
    timer = setTimeout(() => {
      const told = failing !== null
      looking = poll()
        .catch((error) => {
          if (!told || !isUnavailable(error)) failed(error)
        })
        .finally(plan)
    }, interval)
    timer.unref()
  }
  plan()
  return {
    poll,
    awaySince: () => {
      if (failing !== null) return failing
      return asked !== null && Date.now() - asked > SILENT_MS ? asked : null
    },
    stop: async () => {
      stopped = true
      clearTimeout(timer)
      await looking
    },
  }
}

async function readRevisions({ kysely }: Database): Promise<Map<RevisionName, number>> {
  const rows = await kysely.selectFrom('revisions').selectAll().execute()
  return new Map(rows.map(({ name, value }) => [name as RevisionName, value]))
}
