// The end of a job that made a candidate: version added → gate → promoted → row finished. A process that was killed in
// between left a version that says whose it is; whoever takes the job over goes on from there.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DugaError } from '../errors.ts'
import type { Json } from '../json.ts'
import type { Registry } from '../registry/registry.ts'
import type { JobRow } from '../store/job-row.ts'
import type { JobStore } from '../store/jobs.ts'
import type { VersionRow } from '../store/versions.ts'
import type { TrainResult } from '../train/task.ts'
import type { JobReport } from './write-job-report.ts'

export interface ConcludeParts {
  readonly jobs: JobStore
  readonly registry: Registry
  readonly owner: string
  /** Throws where the job was cancelled or taken over. */
  readonly stillOurs: () => Promise<void>
}

interface Gate {
  readonly passed: boolean
  readonly reason: string
  /** It did not pass, and the call wanted it to serve all the same. */
  readonly forced?: boolean
}

export async function concludeJob(
  parts: ConcludeParts,
  job: JobRow,
  trained: TrainResult,
  report: JobReport,
): Promise<void> {
  const { registry, stillOurs } = parts
  const { candidate } = trained
  const forced = !trained.gate.passed && job.parameters.force === true
  const gate: Gate = forced ? { ...trained.gate, forced } : trained.gate
  await stillOurs()
  const active = await registry.activeVersion(job.service)
  const row = await registry.addVersion(job.service, {
    version: job.version!,
    reserved: true,
    manifest: {
      ...candidate.manifest,
      parent: active?.version ?? null,
      origin: { ...candidate.manifest.origin, job: job.id, gate: { ...gate } },
    },
    files: Object.fromEntries(
      Object.entries(candidate.files).map(([role, { name, content }]) => [
        role,
        { name, bytes: content },
      ]),
    ),
    card: candidate.card,
  })
  await promote(parts, job, row, {
    metrics: { ...report.metrics, ...row.manifest.metrics },
    notices: [...trained.notices, ...report.notices],
    report: report.written,
  })
}

/** The version that an earlier process added for this job before it was killed; null where there is none. */
export async function madeBefore(registry: Registry, job: JobRow): Promise<VersionRow | null> {
  try {
    const row = await registry.getVersion(job.service, job.version!)
    return row.manifest.origin.job === job.id ? row : null
  } catch (error) {
    if (error instanceof DugaError && error.code === 'version.unknown') return null
    throw error
  }
}

/** Goes on after the version was added; what else there was to say stands in the report. */
export async function concludeMade(
  parts: ConcludeParts,
  job: JobRow,
  row: VersionRow,
  reports: string,
): Promise<void> {
  const { metrics, notices, written } = await readReport(join(reports, job.id, 'report.json'))
  await promote(parts, job, row, {
    metrics: { ...metrics, ...row.manifest.metrics },
    ...{ notices, report: written },
  })
}

async function promote(
  { jobs, registry, owner, stillOurs }: ConcludeParts,
  job: JobRow,
  { service, version, manifest }: VersionRow,
  found: { readonly metrics: Json; readonly notices: readonly string[]; readonly report: boolean },
): Promise<void> {
  const gate = manifest.origin.gate as unknown as Gate
  const forced = gate.forced === true
  const notice = `It did not pass the gate and was promoted by force. ${gate.reason}`
  const result: Json = {
    ...found,
    notices: [...(forced ? [notice] : []), ...found.notices],
    gate: { passed: gate.passed, reason: gate.reason },
  }
  if (!gate.passed && !forced) {
    await jobs.finish(job.id, owner, { status: 'rejected', error: gate.reason, result })
    return
  }
  try {
    await stillOurs()
    if (!(await jobs.decide(job.id, owner, result))) await stillOurs()
  } catch (error) {
    // A cancelled job leaves no version; one that was taken over is the other's.
    const { status } = (await jobs.get(job.id)) ?? job
    if (status === 'cancelled') await registry.deleteVersion(service, version)
    throw error
  }
  await registry.promote(service, version, { force: forced })
  await jobs.finish(job.id, owner, { status: 'succeeded', result })
}

async function readReport(path: string): Promise<{
  readonly metrics: Readonly<Record<string, number>>
  readonly notices: readonly string[]
  readonly written: boolean
}> {
  try {
    const { metrics, notices = [] } = JSON.parse(await readFile(path, 'utf8'))
    return { metrics, notices, written: true }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      return { metrics: {}, notices: [], written: false }
    throw error
  }
}
