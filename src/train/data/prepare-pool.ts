// A few threads that prepare rows. Chunks wait in one queue; a thread that dies is replaced, its chunk tried once more.
import { Worker } from 'node:worker_threads'
import { fromWireError } from '../../engine/lane-protocol.ts'
import { condemn, condemnNow, createGuard } from '../../engine/native-guard.ts'
import { moduleUrl } from '../../engine/service.ts'
import { DugaError } from '../../errors.ts'
import type { Chunk, RowOutcome, WorkerReply, WorkerSetup } from './loader-worker.ts'

export interface PoolOptions {
  /** URL of a PrepareModule, and what its `createPrepare` is given; plain data. */
  readonly module: URL
  readonly setup: unknown
  readonly threads: number
}

export interface PreparePool {
  /**
   * One outcome a row, in their order.
   * @throws DugaError lane.lost when the chunk cost two threads their lives; else what was no DugaError in a thread;
   * the signal's reason once it is aborted, for a chunk that has not begun
   */
  run(chunk: Chunk, signal?: AbortSignal): Promise<readonly RowOutcome[]>
  /** Waits for chunks that have begun; others are rejected. No thread is left when it resolves. */
  close(): Promise<void>
}

interface Task {
  readonly chunk: Chunk
  readonly signal: AbortSignal | undefined
  readonly resolve: (outcomes: readonly RowOutcome[]) => void
  readonly reject: (error: unknown) => void
  losses: number
}

interface Thread {
  readonly worker: Worker
  readonly guard: Int32Array<SharedArrayBuffer>
  task: Task | null
}

const EXIT_LIMIT_MS = 1000
/** JavaScript heap of a thread; pixels and samples lie outside it. */
const HEAP_MB = 256

export function createPreparePool({ module, setup, threads: size }: PoolOptions): PreparePool {
  const queue: Task[] = []
  const threads = new Set<Thread>()
  let closed = false
  const seal = () => {
    for (const { guard } of threads) condemnNow(guard, EXIT_LIMIT_MS)
  }
  // The end of the process ends threads too, and must not do so inside native code.
  process.once('exit', seal)

  const lose = (thread: Thread, reason: Error) => {
    if (!threads.delete(thread)) return
    const { task } = thread
    thread.task = null
    if (task === null) return
    task.losses += 1
    if (task.losses > 1 || closed) task.reject(new DugaError('lane.lost', {}, { cause: reason }))
    else queue.unshift(task)
    turn()
  }
  const start = () => {
    const guard = createGuard()
    const worker = new Worker(moduleUrl(import.meta.url, './loader-worker'), {
      workerData: { guard, module: module.href, setup } satisfies WorkerSetup,
      execArgv: [],
      name: 'duga-loader',
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB, maxYoungGenerationSizeMb: 16 },
    })
    const thread: Thread = { worker, guard, task: null }
    threads.add(thread)
    worker.on('error', (error) => lose(thread, error))
    worker.on('messageerror', (error) => lose(thread, error))
    worker.on('exit', (code) => lose(thread, new Error(`the thread ended with code ${code}`)))
    worker.on('message', (reply: WorkerReply) => {
      if (reply.type === 'ready') return
      const task = thread.task
      thread.task = null
      if (reply.type === 'done') task?.resolve(reply.outcomes)
      else task?.reject(fromWireError(reply.error))
      turn()
    })
    return thread
  }
  const turn = () => {
    while (queue.length > 0 && !closed) {
      const thread =
        [...threads].find(({ task }) => task === null) ?? (threads.size < size ? start() : null)
      if (thread === null) return
      const task = queue.shift()!
      if (task.signal?.aborted) {
        task.reject(task.signal.reason)
        continue
      }
      thread.task = task
      thread.worker.postMessage(task.chunk)
    }
  }
  return {
    run: (chunk, signal) => {
      const { promise, resolve, reject } = Promise.withResolvers<readonly RowOutcome[]>()
      if (closed) reject(new Error('the pool is closed'))
      else queue.push({ chunk, signal, resolve, reject, losses: 0 })
      turn()
      return promise
    },
    close: async () => {
      closed = true
      for (const task of queue.splice(0)) task.reject(new Error('the pool is closed'))
      await Promise.all(
        [...threads].map(async ({ guard, worker }) => {
          await condemn(guard)
          await worker.terminate()
        }),
      )
      process.removeListener('exit', seal)
    },
  }
}
