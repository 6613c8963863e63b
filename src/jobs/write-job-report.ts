// The report of a job that made a candidate: written where the job's id says, loaded only then, for its plots need
// libraries that nothing else in the process does.
import { join } from 'node:path'
import type { Clock } from '../clock.ts'
import type { JobRow } from '../store/job-row.ts'
import type { TrainResult } from '../train/task.ts'

export interface JobReport {
  /** All metrics of the evaluation. */
  readonly metrics: Readonly<Record<string, number>>
  readonly written: boolean
  /** Why there is none. */
  readonly notices: readonly string[]
}

/**
 * A report that cannot be written does not cost the training: it is missed, with its reason.
 * @param folder of all reports
 * @param durations seconds by phase, as the job measured them
 */
export async function writeJobReport(
  folder: string,
  job: JobRow,
  { evaluation, gate, notices }: TrainResult,
  clock: Clock,
  durations: Readonly<Record<string, number>>,
): Promise<JobReport> {
  if (evaluation === undefined) return { metrics: {}, written: false, notices: [] }
  const { service, version } = job
  const created = new Date(clock.now()).toISOString()
  try {
    const { writeReport } = await import('../train/report/write-report.ts')
    const { describeEnvironment } = await import('../train/report/environment.ts')
    const { metrics } = await writeReport(
      join(folder, job.id),
      { durations, ...evaluation },
      {
        ...{ service, version: version!, created, job: job.id, gate, notices },
        environment: describeEnvironment(),
      },
    )
    return { metrics, written: true, notices: [] }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    const notice = `The report could not be written: ${reason}`
    return { metrics: {}, written: false, notices: [notice] }
  }
}

/** Whether a job's result says that it has a report. */
export function hasReport({ result }: Pick<JobRow, 'result'>): boolean {
  return (
    result !== null &&
    typeof result === 'object' &&
    'report' in result &&
    (result as { readonly report: unknown }).report === true
  )
}
