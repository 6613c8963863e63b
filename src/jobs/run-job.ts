// One job, in a process of its own: claim or take over → train → report → add the version → gate → promote → finish.
// The incumbent serves throughout; what fails leaves nothing behind but the job's row and its reason.
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../clock.ts'
import { DugaError } from '../errors.ts'
import type { Registry } from '../registry/registry.ts'
import type { JobRow } from '../store/job-row.ts'
import type { JobStore } from '../store/jobs.ts'
import type { TrainResult, TrainTask } from '../train/task.ts'
import { concludeJob, concludeMade, madeBefore } from './conclude-job.ts'
import { isOrphaned, ownerOf, QUIET_MS } from './owner.ts'
import { createPhases } from './phases.ts'
import { writeJobReport } from './write-job-report.ts'

const BEAT_MS = 1000

export interface RunJobParts {
  readonly jobs: JobStore
  readonly registry: Registry
  /** Folder of all reports; each has a folder named as its job. */
  readonly reports: string
  /** Folder of what unfinished jobs keep; each has a folder named as its job. */
  readonly checkpoints: string
  /** Processor threads that a training may use. */
  readonly threads: number
  /** Folder of what jobs can compute again. */
  readonly cache: string
  readonly clock: Clock
  /** @throws DugaError training.unavailable */
  readonly trainerOf: (service: string) => Promise<TrainTask>
  /** Aborted when the process is asked to end; the job is then left to be resumed. */
  readonly signal: AbortSignal
  readonly onStart?: (job: JobRow) => void
  readonly onProgress?: (fraction: number, message: string) => void
}

/** Takes an orphan or the oldest queued job. @returns null where there is none */
export async function takeJob(jobs: JobStore, clock: Clock): Promise<JobRow | null> {
  const owner = ownerOf(process.pid)
  for (const orphan of await jobs.orphans(clock.now() - QUIET_MS)) {
    if (isOrphaned(orphan, clock.now()) && (await jobs.takeOver(orphan, owner))) return orphan
  }
  return await jobs.claim(owner)
}

/** Runs a job that this process has taken. @returns the row as it ended, or as it was left */
export async function runJob(parts: RunJobParts, job: JobRow): Promise<JobRow> {
  const { jobs, reports, clock, signal, onStart } = parts
  const owner = ownerOf(process.pid)
  onStart?.(job)
  const lost = new AbortController()
  const stop = AbortSignal.any([signal, lost.signal])
  const pulse = startPulse(parts, job, owner, () => lost.abort())
  try {
    const phases = createPhases(clock.now)
    const progress = (fraction: number, message: string): void => {
      phases.enter(message)
      pulse.progress(fraction, message)
    }
    const stillOurs = async (): Promise<void> => {
      if (!(await jobs.beat(job.id, owner))) lost.abort()
      stop.throwIfAborted()
    }
    const ending = { jobs, registry: parts.registry, owner, stillOurs }
    const made = await madeBefore(parts.registry, job)
    if (made !== null) {
      progress(1, 'promoting')
      await concludeMade(ending, job, made, reports)
    } else {
      const result = await train(parts, job, stop, progress)
      stop.throwIfAborted()
      progress(1, 'writing the report')
      const report = await writeJobReport(reports, job, result, clock, phases.seconds())
      progress(1, 'promoting')
      await concludeJob(ending, job, result, report)
    }
  } catch (error) {
    // Cancelled or taken over: the row already says so. Asked to end: the row stays, to be resumed.
    if (!stop.aborted)
      await jobs.finish(job.id, owner, { status: 'failed', error: reasonOf(error) })
  } finally {
    pulse.stop()
  }
  const row = (await jobs.get(job.id)) ?? job
  // One that failed, was cancelled or left can be resumed; see housekeeping for when it no longer can.
  if (row.status === 'succeeded' || row.status === 'rejected') {
    await rm(join(parts.checkpoints, job.id), { recursive: true, force: true })
  }
  return row
}

async function train(
  { registry, checkpoints, cache, threads, trainerOf }: RunJobParts,
  job: JobRow,
  signal: AbortSignal,
  progress: (fraction: number, message: string) => void,
): Promise<TrainResult> {
  const task = await trainerOf(job.service)
  const active = await registry.activeVersion(job.service)
  const incumbent =
    active === null
      ? null
      : { manifest: active.manifest, paths: await registry.filePaths(active.manifest) }
  const { parameters, version } = job
  const folder = join(checkpoints, job.id)
  await mkdir(folder, { recursive: true })
  return await task({
    ...{ version: version!, parameters, incumbent, checkpoints: folder, cache, threads },
    ...{ signal, progress },
  })
}

/** Says every second that the owner lives and how far it is; notices when the job is no longer its. */
function startPulse(
  { jobs, onProgress }: RunJobParts,
  job: JobRow,
  owner: string,
  onLost: () => void,
): { progress: (fraction: number, message: string) => void; stop: () => void } {
  let latest = job.progress
  let stopped = false
  const beat = async (): Promise<void> => {
    if (stopped) return
    // A database that is busy for a moment must not end the job; the next beat tries again.
    const ours = await jobs.beat(job.id, owner, latest).catch(() => true)
    if (!ours && !stopped) onLost()
  }
  const timer = setInterval(() => void beat(), BEAT_MS)
  return {
    progress: (fraction, message) => {
      const stage = message !== latest.message
      latest = { fraction, message }
      onProgress?.(fraction, message)
      if (stage) void beat()
    },
    stop: () => {
      stopped = true
      clearInterval(timer)
    },
  }
}

function reasonOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG') {
    return reasonOf(new DugaError('disk.full', {}, { cause: error }))
  }
  if (error instanceof DugaError) return `${error.message}. ${error.help}`
  return error instanceof Error ? error.message : String(error)
}
