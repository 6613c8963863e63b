// The engine: services' active versions on lanes or in place, from input to answer. No HTTP, no history, no registry.
// See docs/architecture.md for the life of a request.
import { type Clock, systemClock } from '../clock.ts'
import { DugaError } from '../errors.ts'
import type { Manifest, VersionFiles } from '../manifest.ts'
import type { Tensors } from '../tensor/tensor.ts'
import { type Admission, createAdmission } from './admission.ts'
import { checkFeeds } from './check-feeds.ts'
import type { EngineEvents } from './events.ts'
import type { OpenGraph } from './held-version.ts'
import { openInlineVersion } from './inline-version.ts'
import { createLanePool, type LaneCounts, type LanePool } from './lane-pool.ts'
import { openLaneVersion } from './lane-version.ts'
import type { Computed, LoadedVersion, Timings } from './loaded-version.ts'
import type { ServiceDefinition } from './service.ts'
import { createSlot, type Lease, type Slot } from './slot.ts'
import type { CallOptions } from './ticket.ts'

/** What the engine needs of a definition; any service's fits. */
export type EngineService = Pick<
  ServiceDefinition<never, unknown>,
  'name' | 'input' | 'execution' | 'decoder' | 'answer'
>

export interface EngineOptions {
  /** Worker threads; none is started before the first service that wants one is loaded. */
  readonly lanes: number
  /** onnxruntime threads a lane: max(1, floor(cores ÷ lanes)). */
  readonly threads: number
  /** JavaScript heap of a lane, MB; a decoder that passes it loses its lane. */
  readonly heapMb?: number
  /** Requests of one service under way, from admission to answer. */
  readonly queueLimit?: number
  /** How long a decoded item waits for company while every lane is busy. */
  readonly maxWaitMs?: number
  /** Longest time of one decode or run; a lane that takes longer is replaced. */
  readonly taskLimitMs?: number
  /** Deadline of a request that names none. */
  readonly deadlineMs?: number
  /** Ways to run an inline service's graph without onnxruntime, tried in order. */
  readonly graphs?: readonly OpenGraph[]
  readonly clock?: Clock
  readonly events?: EngineEvents
}

export interface Prediction<Answer> {
  readonly answer: Answer
  readonly outputs: Tensors
  readonly manifest: Manifest
  readonly timings: Timings
  readonly batchSize: number
}

export interface Inference {
  readonly outputs: Tensors
  readonly manifest: Manifest
  readonly timings: Timings
  readonly batchSize: number
}

export interface EngineStatus {
  readonly lanes: LaneCounts
  readonly services: Readonly<
    Record<string, { readonly version: string | null; readonly pending: number }>
  >
}

export interface Engine {
  /**
   * Starts one lane before anything is loaded, where one of these services needs lanes: it imports their decoders while
   * the caller prepares the rest. The others come with `startAll`; they would only take the cores from both till then.
   */
  start(services: readonly EngineService[]): void
  /** Starts the lanes that `start` has left out. */
  startAll(): void
  /**
   * Makes a version the active one of its service: load, warm up, golden replay, pointer, and the old one goes with
   * its last request. On an error the old one serves on.
   *
   * @throws DugaError `model.unreadable`, `model.unsupported-type`, `model.incomplete`, `golden.mismatch`
   */
  load(service: EngineService, files: VersionFiles): Promise<void>
  /** Proves that a version can be loaded, and holds it for the `load` that may follow. Throws as `load`. */
  prepare(service: EngineService, files: VersionFiles): Promise<void>
  /** Takes the service's version out; resolves when its sessions are gone. */
  unload(service: string): Promise<void>
  /** The manifest of the active version; null where there is none. */
  active(service: string): Manifest | null
  /**
   * Decodes, runs and answers one input with the active version. A file may be given as its path: then only the lane
   * reads it. Input and answer are those of the service's definition.
   *
   * @throws DugaError `model.missing`, `overloaded`, `cancelled`, `deadline.exceeded`, `lane.lost`, `lane.timeout`,
   * `server.closing`; what decode and answer throw
   */
  predict<Input, Answer>(
    service: string,
    input: Input | { readonly path: string },
    options?: CallOptions,
  ): Promise<Prediction<Answer>>
  /** Runs raw tensors through the active version, without decode and answer. Throws as `predict`, and `input.invalid`. */
  infer(service: string, feeds: Tensors, options?: CallOptions): Promise<Inference>
  status(): EngineStatus
  /** Refuses what comes, finishes what is under way, then ends the lanes. */
  close(): Promise<void>
}

interface Place {
  readonly service: EngineService
  readonly slot: Slot
  readonly admission: Admission
}

const NO_LANES: LaneCounts = { starting: 0, idle: 0, busy: 0, lost: 0 }

export function createEngine(options: EngineOptions): Engine {
  const { lanes, threads, clock = systemClock, events = {}, graphs = [] } = options
  const { heapMb = 256, queueLimit = 128, maxWaitMs = 5 } = options
  const { taskLimitMs = 60_000, deadlineMs = 30_000 } = options
  const places = new Map<string, Place>()
  let pool: LanePool | null = null
  let opened = 0
  let closing = false

  const onTrouble = (error: Error) => events.onTrouble?.(error)
  const startLanes = (startedLanes: number, decoders: readonly string[] = []): LanePool =>
    createLanePool({
      decoders,
      lanes,
      startedLanes,
      threads,
      heapMb,
      limitMs: taskLimitMs,
      onTrouble,
      ...(events.onLanes === undefined ? {} : { onChange: events.onLanes }),
    })

  const open = (service: EngineService, files: VersionFiles): Promise<LoadedVersion> => {
    opened += 1
    const spec = {
      // The number tells a version from itself, loaded again while the old one drains.
      key: `${service.name}@${files.manifest.version}#${opened}`,
      files,
      decoder: service.decoder.href,
      input: service.input,
    }
    if (service.execution === 'inline') return openInlineVersion(spec, { graphs, events })
    pool ??= startLanes(lanes)
    return openLaneVersion(pool, spec, { maxWaitMs, events })
  }
  const placeOf = (service: EngineService): Place => {
    const known = places.get(service.name)
    if (known !== undefined) return known
    const place = {
      service,
      slot: createSlot((files) => open(service, files), onTrouble),
      admission: createAdmission(queueLimit, service.execution === 'inline' ? 1 : lanes),
    }
    places.set(service.name, place)
    return place
  }

  /** Admission, lease and release around one call. */
  async function call(
    name: string,
    compute: (version: LoadedVersion, options: CallOptions) => Promise<Computed>,
    asked: CallOptions,
  ): Promise<Computed & { readonly manifest: Manifest }> {
    if (closing) throw new DugaError('server.closing', {}, { retryAfter: 1 })
    const place = places.get(name)
    const lease: Lease | null = place?.slot.lease() ?? null
    if (place === undefined || lease === null)
      throw new DugaError('model.missing', { service: name })
    let busyMs: number | undefined
    try {
      place.admission.enter()
    } catch (error) {
      lease.release()
      throw error
    }
    try {
      const { signal } = asked
      const computed = await compute(lease.version, {
        signal,
        deadlineMs: asked.deadlineMs ?? deadlineMs,
      })
      const { queueMs, decodeMs, inferenceMs } = computed.timings
      busyMs = decodeMs + inferenceMs / computed.batchSize
      events.onStage?.(name, 'queue', queueMs)
      events.onStage?.(name, 'decode', decodeMs)
      events.onStage?.(name, 'inference', inferenceMs)
      return { ...computed, manifest: lease.version.manifest }
    } finally {
      place.admission.leave(busyMs)
      lease.release()
    }
  }

  return {
    start: (services) => {
      const inLanes = services.filter(({ execution }) => execution === 'lane')
      if (inLanes.length > 0) {
        pool ??= startLanes(
          1,
          inLanes.map(({ decoder }) => decoder.href),
        )
      }
    },
    startAll: () => pool?.startAll(),
    load: async (service, files) => {
      if (closing) throw new DugaError('server.closing', {}, { retryAfter: 1 })
      await placeOf(service).slot.swap(files)
    },
    prepare: async (service, files) => {
      if (closing) throw new DugaError('server.closing', {}, { retryAfter: 1 })
      await placeOf(service).slot.prepare(files)
    },
    unload: async (service) => {
      await places.get(service)?.slot.close()
    },
    active: (service) => places.get(service)?.slot.active() ?? null,
    predict: async <Input, Answer>(name: string, input: Input, asked: CallOptions = {}) => {
      const computed = await call(name, (version, call) => version.predict(input, call), asked)
      const { outputs, extra, manifest, timings, batchSize } = computed
      const { service } = places.get(name)!
      const answer = service.answer(outputs, {
        input: input as never,
        manifest,
        extra,
        clock,
      }) as Answer
      return { answer, outputs, manifest, timings, batchSize }
    },
    infer: async (service, feeds, asked = {}) => {
      const { outputs, manifest, timings, batchSize } = await call(
        service,
        async (version, callOptions) => {
          const rows = checkFeeds(feeds, version.manifest.inputs)
          return await version.infer({ rows, feeds }, callOptions)
        },
        asked,
      )
      return { outputs, manifest, timings, batchSize }
    },
    status: () => ({
      lanes: pool?.counts() ?? NO_LANES,
      services: Object.fromEntries(
        [...places].map(([name, { slot, admission }]) => {
          const version = slot.active()?.version ?? null
          return [name, { version, pending: admission.pending }]
        }),
      ),
    }),
    close: async () => {
      closing = true
      await Promise.all([...places.values()].map(({ admission }) => admission.drained()))
      await Promise.all([...places.values()].map(({ slot }) => slot.close()))
      await pool?.close()
    },
  }
}
