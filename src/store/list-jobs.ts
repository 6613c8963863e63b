// Pages of the table of jobs, newest first.
import { DugaError } from '../errors.ts'
import type { Database } from './database.ts'
import { isId } from './ids.ts'
import { JOB_COLUMNS, toJob } from './job-row.ts'
import type { JobStore } from './jobs.ts'

/** @throws DugaError `cursor.invalid` */
export async function listJobs(
  { kysely }: Database,
  { service, limit = 50, cursor }: { service?: string; limit?: number; cursor?: string },
): ReturnType<JobStore['list']> {
  if (cursor !== undefined && !isId(cursor)) throw new DugaError('cursor.invalid')
  let query = kysely.selectFrom('jobs').select(JOB_COLUMNS).orderBy('id', 'desc')
  if (service !== undefined) query = query.where('service', '=', service)
  if (cursor !== undefined) query = query.where('id', '<', cursor)
  const rows = await query.limit(limit + 1).execute()
  const items = rows.slice(0, limit).map(toJob)
  return { items, next: rows.length > limit ? items.at(-1)!.id : null }
}
