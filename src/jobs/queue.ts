// Training jobs as the rest of Duga sees them. The embedded table is one implementation, a broker another.
import type { Json } from '../json.ts'

export type JobStatus = 'queued' | 'running' | 'succeeded' | 'rejected' | 'failed' | 'cancelled'

export interface Job {
  readonly id: string
  readonly service: string
  readonly status: JobStatus
  /** What it is doing now, 0..1 where known, and a sentence for people. */
  readonly progress: { readonly fraction: number; readonly message: string }
  /** Why it was rejected or failed. */
  readonly error: string | null
  /** The version number reserved when the job was accepted. */
  readonly version: string | null
  readonly parameters: { readonly [key: string]: Json }
  /** What it ends with: metrics, gate, notices, whether there is a report; null until that is decided. */
  readonly result: Json
  /** Milliseconds since the Unix epoch. */
  readonly created: number
  readonly started: number | null
  readonly finished: number | null
}

export interface JobPage {
  readonly items: readonly Job[]
  readonly next: string | null
}

/** Jobs of one service run one after another; a number is reserved on acceptance and given back on failure. */
export interface JobQueue {
  submit(request: {
    readonly service: string
    readonly parameters: Job['parameters']
  }): Promise<Job>
  get(id: string): Promise<Job | null>
  list(options: {
    readonly service?: string
    readonly limit: number
    readonly cursor?: string
  }): Promise<JobPage>
  /**
   * Ends a queued or running job; a finished one stays as it is. Null where there is none.
   * @throws DugaError `job.decided` where its version is being promoted
   */
  cancel(id: string): Promise<Job | null>
  /**
   * Queues a failed or cancelled job again; it goes on from its last checkpoint. Null where there is none.
   * @throws DugaError `job.not-resumable`
   */
  resume(id: string): Promise<Job | null>
}
