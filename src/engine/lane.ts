// One lane as the main thread sees it: a worker thread with at most one task. It ends once and for all; the pool makes
// another. No queue here.
import { Worker } from 'node:worker_threads'
import { DugaError } from '../errors.ts'
import {
  fromWireError,
  type LaneReply,
  type LaneRequest,
  type LaneResults,
  type LaneSetup,
} from './lane-protocol.ts'
import { condemn, condemnNow, createGuard } from './native-guard.ts'
import { moduleUrl } from './service.ts'

export interface LaneOptions {
  /** onnxruntime threads. */
  readonly threads: number
  /** JavaScript heap of the thread; tensors and models lie outside it. */
  readonly heapMb: number
  /** Decoder modules that the thread imports before it is ready. */
  readonly decoders?: readonly string[]
}

export interface LaneResult<T extends LaneRequest['type']> {
  readonly value: LaneResults[T]
  /** Time in the lane. */
  readonly ms: number
}

export interface Lane {
  /** False once the thread is gone or given up. */
  readonly alive: boolean
  /** Resolves when the thread has loaded its modules; rejects with `lane.lost` if it dies before. */
  readonly ready: Promise<void>
  /** Resolves with the reason when the thread is gone or given up. */
  readonly lost: Promise<Error>
  /**
   * Does one task; the lane must be free.
   *
   * @throws DugaError `lane.lost` when the thread dies meanwhile, `lane.timeout` after `limitMs` (the lane is then
   * given up too); else whatever the task throws
   */
  request<T extends LaneRequest['type']>(
    request: Extract<LaneRequest, { type: T }>,
    transfer: readonly ArrayBuffer[],
    limitMs: number,
  ): Promise<LaneResult<T>>
  /** Gives the thread up: its task is rejected now, the thread ends as soon as native code lets it. */
  kill(reason: Error): Promise<void>
  /** For the exit of the process, which ends all threads: blocks until native code lets it, a second at most. */
  seal(): void
}

const EXIT_LIMIT_MS = 1000

interface Pending {
  resolve(result: LaneResult<LaneRequest['type']>): void
  reject(error: Error): void
  timer: NodeJS.Timeout
}

/** Starts a worker thread. */
export function createLane({ threads, heapMb, decoders = [] }: LaneOptions): Lane {
  const guard = createGuard()
  const worker = new Worker(moduleUrl(import.meta.url, './lane-worker'), {
    workerData: { guard, threads, decoders } satisfies LaneSetup,
    execArgv: [],
    name: 'duga-lane',
    // A small young generation: with the default one V8 may abort the process where it should end the thread.
    resourceLimits: { maxOldGenerationSizeMb: heapMb, maxYoungGenerationSizeMb: 8 },
  })
  const ready = Promise.withResolvers<void>()
  const lost = Promise.withResolvers<Error>()
  ready.promise.catch(() => {})
  let dead: Error | null = null
  let pending: Pending | null = null

  const die = (reason: Error, taskError = laneLost(reason)) => {
    if (dead !== null) return
    dead = reason
    ready.reject(laneLost(reason))
    const task = pending
    pending = null
    if (task !== null) {
      clearTimeout(task.timer)
      task.reject(taskError)
    }
    lost.resolve(reason)
  }
  const kill = async (reason: Error, taskError?: DugaError) => {
    die(reason, taskError)
    await condemn(guard)
    await worker.terminate()
  }

  worker.on('error', die)
  worker.on('messageerror', die)
  worker.on('exit', (code) => die(new Error(`the worker thread ended with code ${code}`)))
  worker.on('message', (reply: LaneReply) => {
    if (dead !== null) return
    if (reply.type === 'ready') return ready.resolve()
    const task = pending!
    pending = null
    clearTimeout(task.timer)
    if (reply.type === 'done') task.resolve({ value: reply.value, ms: reply.ms })
    else task.reject(fromWireError(reply.error))
  })

  return {
    get alive() {
      return dead === null
    },
    ready: ready.promise,
    lost: lost.promise,
    kill,
    seal: () => condemnNow(guard, EXIT_LIMIT_MS),
    request: <T extends LaneRequest['type']>(
      request: Extract<LaneRequest, { type: T }>,
      transfer: readonly ArrayBuffer[],
      limitMs: number,
    ) => {
      const { promise, resolve, reject } = Promise.withResolvers<LaneResult<T>>()
      if (dead !== null) {
        reject(laneLost(dead))
        return promise
      }
      if (pending !== null) throw new Error('the lane is busy')
      const expire = () => {
        const seconds = Math.ceil(limitMs / 1000)
        const timeout = new DugaError('lane.timeout', { seconds })
        void kill(new Error(`a ${request.type} task ran longer than ${limitMs} ms`), timeout)
      }
      pending = {
        resolve: resolve as Pending['resolve'],
        reject,
        timer: setTimeout(expire, limitMs),
      }
      worker.postMessage(request, [...transfer])
      return promise
    },
  }
}

function laneLost(cause: Error): DugaError {
  return new DugaError('lane.lost', {}, { cause })
}
