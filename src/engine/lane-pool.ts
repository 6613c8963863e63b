// The lanes together: gives each free lane the next task, round robin over the services, replaces lanes that die and
// reloads their versions. What waits, waits in the sources; the pool holds no requests.
import { pause } from '../back-off.ts'
import type { DugaError } from '../errors.ts'
import { createLane, type Lane, type LaneOptions } from './lane.ts'
import type { LaneRequest, VersionSpec } from './lane-protocol.ts'

/** One thing for one lane to do. `run` is called with a free lane and resolves when the lane is free again. */
export type LaneTask = (lane: Lane) => Promise<void>

/** Where tasks come from: one a loaded version. */
export interface TaskSource {
  /** The next task, or null; what is cancelled or expired is dropped here. */
  take(now: number): LaneTask | null
}

export interface LaneCounts {
  readonly starting: number
  readonly idle: number
  readonly busy: number
  /** Lanes that died and were replaced, since the start. */
  readonly lost: number
}

export interface LanePoolOptions extends LaneOptions {
  readonly lanes: number
  /** Lanes that are started at once; the others with `startAll`. */
  readonly startedLanes: number
  /** Longest time of one task; for loading ten times that. */
  readonly limitMs: number
  readonly onChange?: (counts: LaneCounts) => void
  /** A lane died, or could not reload a version. */
  readonly onTrouble?: (error: Error) => void
}

export interface LanePool {
  readonly lanes: number
  /** onnxruntime threads of a lane. */
  readonly threads: number
  readonly limitMs: number
  addSource(source: TaskSource): void
  removeSource(source: TaskSource): void
  /** Tells the pool that a source has something. */
  wake(): void
  /** Loads a version on every lane: on one first, so that a bad one costs little, then on the others. */
  load(spec: VersionSpec): Promise<void>
  unload(key: string): Promise<void>
  counts(): LaneCounts
  /** Starts the lanes that are still to come; they load what there is before they take work. */
  startAll(): void
  /** For tests and operators: ends the lane's thread; it is replaced. */
  kill(index: number): Promise<void>
  /** Ends all threads; the caller has drained the sources. */
  close(): Promise<void>
}

interface Seat {
  lane: Lane
  state: 'starting' | 'idle' | 'busy'
  /** Tasks for this very lane (load, unload); they go before the sources'. */
  readonly own: LaneTask[]
  /** Deaths since the last finished task. */
  deaths: number
}

const LONGEST_PAUSE_MS = 10_000
const LOAD_FACTOR = 10

/** Starts lanes; they take tasks as they become ready. */
export function createLanePool(options: LanePoolOptions): LanePool {
  const { lanes, startedLanes, limitMs, threads, heapMb, decoders = [] } = options
  const { onChange = () => {}, onTrouble = () => {} } = options
  const versions = new Map<string, VersionSpec>()
  const sources: TaskSource[] = []
  const stopping = new AbortController()
  let next = 0
  let lost = 0
  let scheduled = false

  const seats: Seat[] = []
  const startLanes = (count: number): void => {
    while (seats.length < count) {
      const lane = createLane({ threads, heapMb, decoders })
      const seat: Seat = { lane, state: 'starting', own: [], deaths: 0 }
      seats.push(seat)
      void occupy(seat)
    }
  }
  startLanes(startedLanes)
  const seal = () => {
    for (const { lane } of seats) lane.seal()
  }
  process.once('exit', seal)

  const counts = (): LaneCounts => {
    const count = (state: Seat['state']) => seats.filter((seat) => seat.state === state).length
    return { starting: count('starting'), idle: count('idle'), busy: count('busy'), lost }
  }
  function enter(seat: Seat, state: Seat['state']): void {
    seat.state = state
    onChange(counts())
  }

  /** Brings a seat's new lane to work, and replaces it when it dies. */
  async function occupy(seat: Seat): Promise<void> {
    const { lane } = seat
    void lane.lost.then((reason) => replace(seat, reason))
    try {
      await lane.ready
      for (const spec of versions.values()) {
        await lane.request({ type: 'load', spec }, [], limitMs * LOAD_FACTOR).catch(onTrouble)
      }
    } catch {
      return // It died: `replace` has been told.
    }
    if (!lane.alive) return
    enter(seat, 'idle')
    wake()
  }

  async function replace(seat: Seat, reason: Error): Promise<void> {
    if (stopping.signal.aborted) return
    lost += 1
    seat.deaths += 1
    onTrouble(reason)
    enter(seat, 'starting')
    await pauseAfter(seat.deaths, stopping.signal)
    if (stopping.signal.aborted) return
    seat.lane = createLane({ threads, heapMb, decoders })
    void occupy(seat)
  }

  /** Tasks that arrive in one tick are seen together, so that they can share a batch. */
  function wake(): void {
    if (scheduled) return
    scheduled = true
    queueMicrotask(() => {
      scheduled = false
      for (const seat of seats) {
        if (seat.state === 'idle' && seat.lane.alive) void work(seat)
      }
    })
  }

  async function work(seat: Seat): Promise<void> {
    const { lane } = seat
    for (;;) {
      const task = seat.own.shift() ?? take()
      if (task === null) break
      if (seat.state !== 'busy') enter(seat, 'busy')
      await task(lane)
      if (!lane.alive) return // `replace` takes over.
      seat.deaths = 0
    }
    if (seat.state === 'busy') enter(seat, 'idle')
  }

  function take(): LaneTask | null {
    const now = performance.now()
    for (let tried = 0; tried < sources.length; tried += 1) {
      next = (next + 1) % sources.length
      const task = sources[next]!.take(now)
      if (task !== null) return task
    }
    return null
  }

  /** Does a load or unload on one seat; when its lane dies of it, once more on the lane that follows. */
  async function onSeat(seat: Seat, request: LaneRequest, attempts = 2): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    seat.own.push(async (lane) => {
      await lane.request(request, [], limitMs * LOAD_FACTOR).then(() => resolve(), reject)
    })
    wake()
    try {
      await promise
    } catch (error) {
      if ((error as DugaError).code !== 'lane.lost' || attempts === 1) throw error
      await onSeat(seat, request, attempts - 1)
    }
  }

  const unload = async (key: string) => {
    versions.delete(key)
    await Promise.all(seats.map((seat) => onSeat(seat, { type: 'unload', key })))
  }

  return {
    lanes,
    threads,
    limitMs,
    addSource: (source) => {
      sources.push(source)
    },
    removeSource: (source) => {
      sources.splice(sources.indexOf(source), 1)
    },
    wake,
    load: async (spec) => {
      const first = seats.toSorted((a, b) => load(a) - load(b))[0]!
      const others = seats.filter((seat) => seat !== first)
      try {
        await onSeat(first, { type: 'load', spec })
        versions.set(spec.key, spec)
        await Promise.all(others.map((seat) => onSeat(seat, { type: 'load', spec })))
      } catch (error) {
        await unload(spec.key)
        throw error
      }
    },
    unload,
    counts,
    startAll: () => {
      if (!stopping.signal.aborted) startLanes(lanes)
    },
    kill: (index) => seats[index]!.lane.kill(new Error('ended on request')),
    close: async () => {
      stopping.abort()
      await Promise.all(seats.map(({ lane }) => lane.kill(new Error('the engine is closing'))))
      process.off('exit', seal)
    },
  }
}

/** How long a task of its own would wait at this seat; orders seats only. */
function load({ own, state }: Seat): number {
  return own.length * 2 + (state === 'idle' ? 0 : 1)
}

/** None for the first death, then 100 ms, 200 ms, 400 ms …, at most 10 s; cut short by the signal. */
async function pauseAfter(deaths: number, signal: AbortSignal): Promise<void> {
  if (deaths < 2) return
  const ms = Math.min(LONGEST_PAUSE_MS, 100 * 2 ** (deaths - 2))
  await pause(ms, signal)
}
