// The server's side of jobs: starts one process at a time for what is queued or orphaned, ends the one whose job was
// cancelled, and takes its process along when the server stops. The process itself is run-job.ts.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants, setPriority } from 'node:os'
import type { Clock } from '../clock.ts'
import type { JobStore } from '../store/jobs.ts'
import { isOrphaned, QUIET_MS } from './owner.ts'

const LOOK_MS = 1000
const GRACE_MS = 5000
/** A process that ends without taking its job is not started again at once. */
const BACK_OFF_MS = 5000

export interface Supervisor {
  /** Looks at once instead of within the next second. */
  wake(): void
  /** Ends the running process; its job is resumed by the next server. */
  close(): Promise<void>
}

export interface SupervisorOptions {
  readonly jobs: JobStore
  readonly clock: Clock
  /** Program and arguments of the process that runs one job and ends. */
  readonly command: readonly string[]
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly onError: (error: unknown) => void
}

interface Running {
  readonly child: ChildProcess
  readonly ended: Promise<unknown>
  job: string | null
}

export function superviseJobs(options: SupervisorOptions): Supervisor {
  const { jobs, clock, onError } = options
  let running: Running | null = null
  let closed = false
  let notBefore = 0
  let looking: Promise<void> | null = null

  const start = (): Running => {
    const started = spawnJob(options)
    const entry: Running = { ...started, job: null }
    entry.child.on('message', (message) => {
      entry.job = (message as { job: string }).job
    })
    entry.child.once('error', onError)
    entry.child.once('exit', (code) => {
      running = null
      if (code !== 0) notBefore = clock.now() + BACK_OFF_MS
      wake()
    })
    return entry
  }
  const look = async (): Promise<void> => {
    if (running !== null) {
      const job = running.job === null ? null : await jobs.get(running.job)
      if (job !== null && job.status === 'cancelled') stopChild(running)
      return
    }
    if (closed || clock.now() < notBefore || !(await hasWork(jobs, clock.now()))) return
    if (!closed) running = start()
  }
  const wake = (): void => {
    if (closed || looking) return
    looking = look()
      .catch(onError)
      .finally(() => {
        looking = null
      })
  }
  const timer = setInterval(wake, LOOK_MS)
  timer.unref()
  wake()
  return {
    wake,
    close: async () => {
      closed = true
      clearInterval(timer)
      await looking
      if (running === null) return
      const { ended } = running
      stopChild(running)
      await ended
    },
  }
}

async function hasWork(jobs: JobStore, now: number): Promise<boolean> {
  const { items } = await jobs.list({ limit: 500 })
  const busy = new Set(
    items
      .filter((job) => job.status === 'running' && !isOrphaned(job, now))
      .map(({ service }) => service),
  )
  if (items.some(({ status, service }) => status === 'queued' && !busy.has(service))) return true
  return (await jobs.orphans(now - QUIET_MS)).some((job) => isOrphaned(job, now))
}

function spawnJob({ command, environment, onError }: SupervisorOptions): {
  child: ChildProcess
  ended: Promise<unknown>
} {
  const [program, ...args] = command
  // Not detached: in a Unix session of its own, autogroup scheduling would give it an equal share despite its priority.
  const child = spawn(program!, args, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, ...environment },
  })
  const ended = once(child, 'exit')
  ended.catch(onError)
  if (child.pid !== undefined) {
    try {
      setPriority(child.pid, constants.priority.PRIORITY_LOW)
    } catch (error) {
      onError(error)
    }
  }
  return { child, ended }
}

function stopChild({ child, ended }: Running): void {
  child.kill('SIGTERM')
  const force = setTimeout(() => child.kill('SIGKILL'), GRACE_MS)
  ended.then(
    () => clearTimeout(force),
    () => clearTimeout(force),
  )
}
