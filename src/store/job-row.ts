// A job as it is read from its row.
import type { Selectable } from 'kysely'
import type { Json } from '../json.ts'
import type { JobStatus, JobTable } from './schema.ts'

export interface JobRow {
  readonly id: string
  readonly service: string
  readonly status: JobStatus
  readonly progress: { readonly fraction: number; readonly message: string }
  readonly parameters: { readonly [key: string]: Json }
  /** Why it was rejected or failed. */
  readonly error: string | null
  readonly result: Json
  /** The number reserved for its version; it was given back if the job failed or was cancelled. */
  readonly version: string | null
  /** Who runs it: host and process. */
  readonly owner: string | null
  /** Milliseconds since the Unix epoch, like those below. */
  readonly heartbeat: number | null
  readonly created: number
  readonly started: number | null
  readonly finished: number | null
}

export const JOB_COLUMNS = [
  'id',
  'service',
  'status',
  'progress',
  'message',
  'parameters',
  'error',
  'result',
  'version',
  'owner',
  'heartbeat',
  'created',
  'started',
  'finished',
] as const satisfies readonly (keyof JobTable)[]

export function toJob(row: Selectable<JobTable>): JobRow {
  return {
    id: row.id,
    service: row.service,
    status: row.status,
    progress: { fraction: row.progress, message: row.message },
    parameters: JSON.parse(row.parameters) as JobRow['parameters'],
    error: row.error,
    result: row.result === null ? null : (JSON.parse(row.result) as Json),
    version: row.version,
    owner: row.owner,
    heartbeat: toNumber(row.heartbeat),
    created: Number(row.created),
    started: toNumber(row.started),
    finished: toNumber(row.finished),
  }
}

function toNumber(value: number | null): number | null {
  return value === null ? null : Number(value)
}
