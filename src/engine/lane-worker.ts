// The thread of a lane: holds versions, does one task at a time, answers by message. Knows nothing of queues.
import { flushCompileCache } from 'node:module'
import { parentPort, workerData } from 'node:worker_threads'
import { createCollector } from './collect-garbage.ts'
import { type HeldVersion, holdVersion } from './held-version.ts'
import {
  type LaneReply,
  type LaneRequest,
  type LaneResults,
  type LaneSetup,
  type RowsOutcome,
  toTransfer,
  toWireError,
  type VersionSpec,
} from './lane-protocol.ts'
import { createNative, openGuard } from './native-guard.ts'

const { guard, threads, decoders }: LaneSetup = workerData
const specs = new Map<string, VersionSpec>()
const held = new Map<string, HeldVersion>()
const native = createNative(guard)
const collect = createCollector()
const port = parentPort!

port.on('message', (request: LaneRequest) => {
  void answer(request)
})
// What cannot be imported fails once more, and is told, when its version is loaded.
await Promise.allSettled(decoders.map((url) => import(url)))
openGuard(guard)
post({ type: 'ready' }, [])

async function answer(request: LaneRequest): Promise<void> {
  const started = performance.now()
  const elapsed = () => performance.now() - started
  try {
    const transfer = new Set<ArrayBuffer>()
    const value = await perform(request, transfer)
    post({ type: 'done', value, ms: elapsed() }, [...transfer])
    // Here, because a thread that is terminated keeps nothing.
    if (request.type === 'load') flushCompileCache()
    collect()
  } catch (error) {
    // Also what cannot be cloned, such as a function in a decoder's extra.
    post({ type: 'failed', error: toWireError(error), ms: elapsed() }, [])
  }
}

function post(reply: LaneReply, transfer: ArrayBuffer[]): void {
  port.postMessage(reply, transfer)
}

async function perform(
  request: LaneRequest,
  transfer: Set<ArrayBuffer>,
): Promise<LaneResults[LaneRequest['type']]> {
  switch (request.type) {
    case 'load': {
      specs.set(request.spec.key, request.spec)
      await hold(request.spec.key)
      return undefined
    }
    case 'unload': {
      specs.delete(request.key)
      await held.get(request.key)?.release()
      held.delete(request.key)
      return undefined
    }
    case 'decode': {
      const version = await hold(request.key)
      const decoded = await version.decode(request.input)
      return { ...decoded, feeds: toTransfer(decoded.feeds, transfer) }
    }
    case 'run': {
      const version = await hold(request.key)
      const outcomes = await version.run(request.items)
      return outcomes.map(
        (outcome): RowsOutcome =>
          outcome.ok
            ? { ok: true, outputs: toTransfer(outcome.outputs, transfer) }
            : { ok: false, error: toWireError(outcome.error) },
      )
    }
  }
}

/** A version whose loading failed once (a full disk, say) is tried again by the next task that needs it. */
async function hold(key: string): Promise<HeldVersion> {
  const known = held.get(key)
  if (known !== undefined) return known
  const spec = specs.get(key)
  if (spec === undefined) throw new Error(`the lane was never given the version ${key}`)
  const version = await holdVersion(spec, { threads, native })
  held.set(key, version)
  return version
}
