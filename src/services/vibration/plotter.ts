// Draws plots away from the HTTP thread: one worker thread, started for the first plot and ended when it has idled.
import { Worker } from 'node:worker_threads'
import { moduleUrl } from '../../engine/service.ts'
import { DugaError } from '../../errors.ts'
import type { PlotRecord } from './plot-record.ts'

export interface Plotter {
  /**
   * @returns a PNG
   * @throws DugaError overloaded where too many plots wait, lane.lost where the worker died on this one
   */
  draw(record: PlotRecord): Promise<Uint8Array>
  close(): Promise<void>
}

interface Job {
  readonly record: PlotRecord
  readonly resolve: (png: Uint8Array) => void
  readonly reject: (error: Error) => void
}

type Reply = { readonly png: Uint8Array } | { readonly error: string }

/** @param options.queue most plots that wait; `idleMs`: how long an unused worker (some 60 MB) is kept */
export function createPlotter({ queue = 32, idleMs = 10_000 } = {}): Plotter {
  const jobs: Job[] = []
  let worker: Worker | null = null
  let busy = false
  let idle: NodeJS.Timeout | undefined

  const finish = (settle: (job: Job) => void): void => {
    const job = jobs.shift()
    busy = false
    if (job !== undefined) settle(job)
    next()
  }

  const start = (): Worker => {
    const started = new Worker(moduleUrl(import.meta.url, 'plot-worker'), {
      resourceLimits: { maxOldGenerationSizeMb: 96, maxYoungGenerationSizeMb: 4 },
    })
    started.on('message', (reply: Reply) =>
      finish(({ resolve, reject }) =>
        'png' in reply ? resolve(reply.png) : reject(new Error(reply.error)),
      ),
    )
    let cause: unknown
    started.on('error', (error) => {
      cause = error
    })
    started.on('exit', () => {
      if (worker !== started) return
      worker = null
      if (busy) finish(({ reject }) => reject(new DugaError('lane.lost', {}, { cause })))
    })
    return started
  }

  const stop = async (): Promise<void> => {
    const stopped = worker
    worker = null
    await stopped?.terminate()
  }

  const next = (): void => {
    clearTimeout(idle)
    if (busy) return
    const job = jobs[0]
    if (job === undefined) {
      // An idle worker keeps no process alive.
      worker?.unref()
      idle = setTimeout(() => void stop(), idleMs)
      idle.unref()
      return
    }
    worker ??= start()
    busy = true
    worker.ref()
    worker.postMessage(job.record)
  }

  return {
    draw: (record) => {
      if (jobs.length >= queue) {
        return Promise.reject(new DugaError('overloaded', { seconds: 2 }, { retryAfter: 2 }))
      }
      return new Promise((resolve, reject) => {
        jobs.push({ record, resolve, reject })
        next()
      })
    },
    close: async () => {
      clearTimeout(idle)
      const waiting = jobs.splice(0)
      busy = false
      for (const { reject } of waiting) reject(new DugaError('cancelled'))
      await stop()
    },
  }
}
