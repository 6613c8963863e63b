// Who runs a job: host and process. A job whose owner is gone is an orphan, to be run again.
import { hostname } from 'node:os'
import type { JobRow } from '../store/job-row.ts'

/** An owner that was not heard of for so long may be looked at. */
export const QUIET_MS = 3000
/** A process that lives but was silent for so long hangs. */
const SILENT_MS = 120_000

export function ownerOf(pid: number): string {
  return `${hostname()}:${pid}`
}

/** Whether a quiet job's owner is gone: its process has ended, or it was silent for two minutes. */
export function isOrphaned(job: JobRow, now: number): boolean {
  if (job.status !== 'running' || job.owner === null) return false
  const silent = now - (job.heartbeat ?? 0)
  if (silent < QUIET_MS) return false
  const split = job.owner.lastIndexOf(':')
  if (job.owner.slice(0, split) !== hostname()) return silent > SILENT_MS
  return silent > SILENT_MS || !isAlive(Number(job.owner.slice(split + 1)))
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
