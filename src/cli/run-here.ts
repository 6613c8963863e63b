// Sees a job through for a person who waits: this process runs it unless a server does, and then says how it ended.
import { join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { isOrphaned } from '../jobs/owner.ts'
import { runJob, takeJob } from '../jobs/run-job.ts'
import { hasReport } from '../jobs/write-job-report.ts'
import type { JobRow } from '../store/job-row.ts'
import type { CliContext } from './context.ts'
import type { Core } from './core.ts'
import { jobParts } from './job-parts.ts'
import type { Output } from './output.ts'
import { showProgress } from './progress.ts'

const LOOK_MS = 200

/** Until the job has ended, or this process is asked to end: the job then waits to be resumed. */
export async function runHereOrFollow(core: Core, id: string, output: Output): Promise<JobRow> {
  const { stores, clock } = core
  const progress = showProgress(!output.json)
  const ending = new AbortController()
  process.once('SIGINT', () => ending.abort())
  try {
    for (;;) {
      const job = (await stores.jobs.get(id))!
      if (job.finished !== null || ending.signal.aborted) return job
      progress.update(job.progress.fraction, job.progress.message)
      // Jobs of one service go one after another: an older one that waits is run first.
      const free = job.status === 'queued' || isOrphaned(job, clock.now())
      const taken = free ? await takeJob(stores.jobs, clock) : null
      if (taken === null) {
        await wait(LOOK_MS)
        continue
      }
      await runJob({ ...jobParts(core), signal: ending.signal, onProgress: progress.update }, taken)
    }
  } finally {
    progress.stop()
  }
}

/** Prints how a job ended: as the last line of `train` and of `job --resume`. */
export async function printOutcome(
  context: CliContext,
  output: Output,
  core: Core,
  job: JobRow,
): Promise<void> {
  const { metrics = {}, notices = [] } = (job.result ?? {}) as {
    metrics?: Record<string, number>
    notices?: string[]
  }
  const active = await core.registry.activeVersion(job.service)
  const promoted = job.status === 'succeeded' && active?.version === job.version
  if (job.status !== 'succeeded' && job.status !== 'rejected') context.exitCode = 1
  const folder = reportFolder(core, job)
  const lines = [
    `${job.service} ${job.version}: ${job.status}${promoted ? ' and serving' : ''}`,
    ...(job.error === null ? [] : [job.error]),
    ...notices.map((notice) => `note: ${notice}`),
    ...Object.entries(metrics).map(([name, value]) => `  ${name} ${value.toFixed(4)}`),
    ...(folder === null ? [] : [`Report: ${join(folder, 'index.html')}`]),
  ]
  const { id, status, version, error } = job
  output.result(
    {
      ...{ job: id, status, version, promoted, metrics },
      ...(folder !== null && { report: folder }),
      ...(error !== null && { error }),
    },
    lines.join('\n'),
  )
}

/** Absolute; null where the job has none. */
export function reportFolder({ home }: Core, job: Pick<JobRow, 'id' | 'result'>): string | null {
  return hasReport(job) ? resolve(home.reports, job.id) : null
}
