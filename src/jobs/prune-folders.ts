// Deletes what jobs leave on disk: checkpoints that nobody can resume any more, and reports past their time.
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { JobRow } from '../store/job-row.ts'
import type { JobStore } from '../store/jobs.ts'

const DAY_MS = 86_400_000
/** A failed or cancelled job can be resumed from its checkpoint for so long; then it starts afresh. */
const RESUMABLE_MS = 7 * DAY_MS

export interface PruneFolders {
  readonly jobs: Pick<JobStore, 'get' | 'forgetReport'>
  /** Folder of all checkpoints; each has a folder named as its job. */
  readonly checkpoints: string
  /** Folder of all reports, those of `duga evaluate` among them. */
  readonly reports: string
  /** Days that a report is kept; 0: for ever. */
  readonly reportDays: number
  /** Jobs whose reports stay: those of the versions that serve. */
  readonly kept: ReadonlySet<string>
  /** Milliseconds since the Unix epoch. */
  readonly now: number
}

export async function pruneJobFolders(parts: PruneFolders): Promise<void> {
  const { jobs, checkpoints, reports, reportDays, kept, now } = parts
  for (const name of await readdir(checkpoints)) {
    const job = await jobs.get(name)
    if (job !== null && mayGoOn(job, now)) continue
    await rm(join(checkpoints, name), { recursive: true, force: true })
  }
  for (const name of await readdir(reports)) {
    const folder = join(reports, name)
    const changed = (await stat(folder)).mtimeMs
    // What a killed process had begun.
    const isPart = name.endsWith('.partial') && changed < now - DAY_MS
    const isOld = reportDays > 0 && changed < now - reportDays * DAY_MS && !kept.has(name)
    if (!isPart && !isOld) continue
    await jobs.forgetReport(name)
    await rm(folder, { recursive: true, force: true })
  }
}

function mayGoOn({ status, finished }: JobRow, now: number): boolean {
  if (finished === null) return true
  return (status === 'failed' || status === 'cancelled') && finished > now - RESUMABLE_MS
}
