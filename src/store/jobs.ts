// The table of jobs: accepted with a reserved version number, claimed by compare-and-set, finished once.
// A failed or cancelled job gives its number back in the same transaction. How jobs are run stands in jobs/.
import type { Clock } from '../clock.ts'
import { DugaError } from '../errors.ts'
import type { Json } from '../json.ts'
import type { Database } from './database.ts'
import { createIdSource } from './ids.ts'
import { JOB_COLUMNS, type JobRow, toJob } from './job-row.ts'
import { listJobs } from './list-jobs.ts'
import { releaseVersion, reserveVersion } from './reserve-version.ts'
import { countUp } from './revisions.ts'
import { transact } from './transact.ts'

export interface JobStore {
  /** Queues a job and takes the next version number for it. */
  accept(job: {
    readonly service: string
    readonly parameters: JobRow['parameters']
  }): Promise<JobRow>
  get(id: string): Promise<JobRow | null>
  /** Newest first. @throws DugaError `cursor.invalid` */
  list(options?: {
    readonly service?: string
    readonly limit?: number
    readonly cursor?: string
  }): Promise<{ readonly items: readonly JobRow[]; readonly next: string | null }>
  /** Takes the oldest queued job of a service that has none running; null where there is none. */
  claim(owner: string): Promise<JobRow | null>
  /**
   * Says that the owner is alive, and how far it is.
   * @returns false where the job is no longer the owner's: it was cancelled or taken over, so stop.
   */
  beat(
    id: string,
    owner: string,
    progress?: { readonly fraction: number; readonly message: string },
  ): Promise<boolean>
  /** Running jobs whose owner was last heard of before an instant (milliseconds since the epoch). */
  orphans(before: number): Promise<JobRow[]>
  /** Takes an orphan over from its owner, to resume it; false where someone else was quicker. */
  takeOver(orphan: JobRow, owner: string): Promise<boolean>
  /** Ends a running job of this owner; false where it is no longer the owner's. */
  finish(id: string, owner: string, outcome: JobOutcome): Promise<boolean>
  /**
   * Keeps what a running job is about to end with: from here on it can no longer be cancelled.
   * @returns false where the job is no longer the owner's
   */
  decide(id: string, owner: string, result: Json): Promise<boolean>
  /**
   * Ends a queued or running job; a finished one stays as it is. Null where there is none.
   * @throws DugaError `job.decided` where {@link JobStore.decide} came first
   */
  cancel(id: string): Promise<JobRow | null>
  /**
   * Queues a failed or cancelled job again, under its id and with a new number; one that waits or runs stays as it is.
   * Null where there is none.
   * @throws DugaError `job.not-resumable`
   */
  resume(id: string): Promise<JobRow | null>
  /** Its report was deleted. */
  forgetReport(id: string): Promise<void>
}

export interface JobOutcome {
  readonly status: 'succeeded' | 'rejected' | 'failed'
  /** Why it was rejected or failed. */
  readonly error?: string
  /** What it made: metrics, the report's folder … */
  readonly result?: Json
}

export function createJobStore(db: Database, clock: Clock): JobStore {
  const { kysely } = db
  const newId = createIdSource()
  const get: JobStore['get'] = async (id) => {
    const row = await kysely
      .selectFrom('jobs')
      .select(JOB_COLUMNS)
      .where('id', '=', id)
      .executeTakeFirst()
    return row === undefined ? null : toJob(row)
  }
  /** Updates a running job if it is still this owner's. */
  const updateOwned = async (id: string, owner: string, set: { [column: string]: unknown }) => {
    const result = await kysely
      .updateTable('jobs')
      .set({ heartbeat: clock.now(), ...set })
      .where('id', '=', id)
      .where('status', '=', 'running')
      .where('owner', '=', owner)
      .executeTakeFirst()
    return result.numUpdatedRows === 1n
  }
  return {
    get,
    accept: async ({ service, parameters }) => {
      const now = clock.now()
      const id = newId(now)
      await transact(kysely, async (transaction) => {
        await countUp(transaction, 'registry')
        const version = await reserveVersion(transaction, service, now)
        const fresh = { id, service, version, created: now, status: 'queued' as const }
        await transaction
          .insertInto('jobs')
          .values({ ...fresh, progress: 0, message: '', parameters: JSON.stringify(parameters) })
          .execute()
      })
      return (await get(id))!
    },
    list: (options = {}) => listJobs(db, options),
    claim: async (owner) => {
      const id = await claimOldest(db, owner, clock.now())
      return id === null ? null : get(id)
    },
    beat: (id, owner, progress) =>
      updateOwned(
        id,
        owner,
        progress === undefined ? {} : { progress: progress.fraction, message: progress.message },
      ),
    orphans: async (before) => {
      const rows = await kysely
        .selectFrom('jobs')
        .select(JOB_COLUMNS)
        .where('status', '=', 'running')
        .where('heartbeat', '<', before)
        .orderBy('id')
        .execute()
      return rows.map(toJob)
    },
    takeOver: async (orphan, owner) =>
      orphan.owner !== null && (await updateOwned(orphan.id, orphan.owner, { owner })),
    decide: (id, owner, result) => updateOwned(id, owner, { result: JSON.stringify(result) }),
    finish: (id, owner, { status, error, result }) =>
      end(db, id, {
        owner,
        status,
        now: clock.now(),
        error: error ?? null,
        result: result === undefined ? null : JSON.stringify(result),
      }),
    cancel: async (id) => {
      await end(db, id, { status: 'cancelled', now: clock.now(), error: null, result: null })
      const job = await get(id)
      if (job?.status === 'running') throw new DugaError('job.decided', { id })
      return job
    },
    resume: async (id) => {
      const changed = await queueAgain(db, id, clock.now())
      const job = await get(id)
      if (changed || job === null || job.finished === null) return job
      throw new DugaError('job.not-resumable', { id, status: job.status })
    },
    forgetReport: async (id) => {
      const result = (await get(id))?.result ?? null
      if (result === null || typeof result !== 'object') return
      await kysely
        .updateTable('jobs')
        .set({ result: JSON.stringify({ ...result, report: false }) })
        .where('id', '=', id)
        .where('finished', 'is not', null)
        .execute()
    },
  }
}

/** @returns whether it was a failed or cancelled one */
async function queueAgain({ kysely }: Database, id: string, now: number): Promise<boolean> {
  return transact(kysely, async (transaction) => {
    await countUp(transaction, 'registry')
    const ended = await transaction
      .selectFrom('jobs')
      .select('service')
      .where('id', '=', id)
      .where('status', 'in', ['failed', 'cancelled'])
      .executeTakeFirst()
    if (ended === undefined) return false
    const version = await reserveVersion(transaction, ended.service, now)
    const fresh = { status: 'queued', version, owner: null, heartbeat: null } as const
    await transaction
      .updateTable('jobs')
      .set({ ...fresh, error: null, result: null, started: null, finished: null })
      .where('id', '=', id)
      .execute()
    return true
  })
}

async function claimOldest(
  { kysely }: Database,
  owner: string,
  now: number,
): Promise<string | null> {
  return transact(kysely, async (transaction) => {
    // Claims go one at a time: two jobs of one service must not start together.
    await countUp(transaction, 'jobs')
    const running = transaction.selectFrom('jobs').select('service').where('status', '=', 'running')
    const next = await transaction
      .selectFrom('jobs')
      .select('id')
      .where('status', '=', 'queued')
      .where('service', 'not in', running)
      .orderBy('id')
      .limit(1)
      .executeTakeFirst()
    if (next === undefined) return null
    await transaction
      .updateTable('jobs')
      .set({ status: 'running', owner, heartbeat: now, started: now })
      .where('id', '=', next.id)
      .execute()
    return next.id
  })
}

interface End {
  readonly status: 'succeeded' | 'rejected' | 'failed' | 'cancelled'
  /** Whose the job must be; anyone's when it is cancelled. */
  readonly owner?: string
  readonly now: number
  readonly error: string | null
  readonly result: string | null
}

async function end({ kysely }: Database, id: string, outcome: End): Promise<boolean> {
  const { status, owner, now, error, result } = outcome
  return transact(kysely, async (transaction) => {
    let update = transaction
      .updateTable('jobs')
      .set({ status, error, result, finished: now })
      .where('id', '=', id)
      .where('status', 'in', owner === undefined ? ['queued', 'running'] : ['running'])
    update =
      owner === undefined ? update.where('result', 'is', null) : update.where('owner', '=', owner)
    const changed = await update.executeTakeFirst()
    if (changed.numUpdatedRows === 0n) return false
    if (status === 'failed' || status === 'cancelled') {
      const job = await transaction
        .selectFrom('jobs')
        .select(['service', 'version'])
        .where('id', '=', id)
        .executeTakeFirstOrThrow()
      if (job.version !== null) await releaseVersion(transaction, job.service, job.version)
    }
    return true
  })
}
