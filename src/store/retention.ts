// Deletes old predictions, in small transactions so that recording goes on between them.
import { setImmediate as turn } from 'node:timers/promises'
import type { Database } from './database.ts'
import { firstIdAt } from './ids.ts'

export interface RetentionLimits {
  /** Milliseconds since the Unix epoch: what is older goes. */
  readonly before?: number
  /** Most rows kept of each service. */
  readonly rows?: number
}

const CHUNK = 500

/** @returns how many predictions were deleted. */
export async function prunePredictions(db: Database, limits: RetentionLimits): Promise<number> {
  let deleted = 0
  for (const service of await servicesWithHistory(db)) {
    if (limits.before !== undefined) {
      deleted += await deleteBelow(db, service, firstIdAt(limits.before))
    }
    if (limits.rows !== undefined) {
      const kept = await oldestKept(db, service, limits.rows)
      if (kept !== null) deleted += await deleteBelow(db, service, kept)
    }
  }
  return deleted
}

async function servicesWithHistory({ kysely }: Database): Promise<string[]> {
  const services: string[] = []
  for (;;) {
    // One step in the index a service; `distinct` would walk all rows.
    const row = await kysely
      .selectFrom('predictions')
      .select('service')
      .where('service', '>', services.at(-1) ?? '')
      .orderBy('service')
      .limit(1)
      .executeTakeFirst()
    if (row === undefined) return services
    services.push(row.service)
  }
}

async function oldestKept(
  { kysely }: Database,
  service: string,
  rows: number,
): Promise<string | null> {
  const row = await kysely
    .selectFrom('predictions')
    .select('id')
    .where('service', '=', service)
    .orderBy('id', 'desc')
    .limit(1)
    .offset(Math.max(rows - 1, 0))
    .executeTakeFirst()
  return row?.id ?? null
}

async function deleteBelow({ kysely }: Database, service: string, bound: string): Promise<number> {
  let deleted = 0
  for (;;) {
    const chunk = await kysely
      .selectFrom('predictions')
      .select('id')
      .where('service', '=', service)
      .where('id', '<', bound)
      .orderBy('id')
      .limit(CHUNK)
      .execute()
    const last = chunk.at(-1)
    if (last === undefined) return deleted
    await kysely
      .deleteFrom('predictions')
      .where('service', '=', service)
      .where('id', '<=', last.id)
      .execute()
    deleted += chunk.length
    await turn()
  }
}
