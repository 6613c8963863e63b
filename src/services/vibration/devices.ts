// What is known of each device while the service runs: its threshold and the batches of its next plot.
// The newest devices are in memory, thresholds are written back once a second and at the end; SQL is the stores'.

import type { Json } from '../../json.ts'
import type { DeviceThresholdStore } from '../../store/device-thresholds.ts'
import { source, type ThresholdState, update } from '../../tensor/dynamic-threshold.ts'
import type { VibrationAnswer } from './answer.ts'
import type { VibrationPoint } from './input.ts'
import type { BufferedBatch } from './plot-record.ts'
import type { VibrationSpec } from './spec.ts'
import type { TimestampSource } from './timestamps.ts'

export interface Devices {
  /** Judges a batch by its device's own threshold, learns from it and buffers it. In memory but for a first sight. */
  judge(batch: {
    readonly data: readonly VibrationPoint[]
    /** As judged by the training errors alone. */
    readonly answer: VibrationAnswer
    /** Of the version that answered; null where another one serves by now: then nothing is learned. */
    readonly spec: VibrationSpec | null
  }): Promise<Judged>
  /** Writes what changed since the last time. @returns how many devices */
  flush(): Promise<number>
  /** Devices in memory. */
  size(): number
}

export interface Judged {
  readonly answer: VibrationAnswer
  /** The answer's instant, in microseconds since the Unix epoch; unique. */
  readonly micros: number
  /** The device's batches, when this one completed its buffer; else null. */
  readonly completed: readonly BufferedBatch[] | null
}

interface Device {
  version: string | null
  state: ThresholdState | null
  batches: BufferedBatch[]
  changed: boolean
}

export interface DevicesOptions {
  /** Most devices in memory, apart from those that wait to be written. */
  readonly inMemory?: number
  /** Most devices in the store; the longest unheard go first. */
  readonly stored?: number
  /** Points that complete a plot. */
  readonly bufferPoints?: number
  /** Called once when there is something to write, until the next flush. */
  readonly onChange?: () => void
}

export function createDevices(
  store: DeviceThresholdStore,
  timestamps: TimestampSource,
  { inMemory = 1000, stored = 10_000, bufferPoints = 100, onChange }: DevicesOptions = {},
): Devices {
  // In the order of their last batch: the first is the longest unheard.
  const devices = new Map<string, Device>()
  const loading = new Map<string, Promise<Device>>()
  let announced = false

  const load = async (name: string): Promise<Device> => {
    const row = await store.get(name)
    const state = row === null ? null : (row.state as unknown as ThresholdState)
    return { version: row?.version ?? null, state, batches: [], changed: false }
  }

  const find = async (name: string): Promise<Device> => {
    let promise = loading.get(name)
    if (promise === undefined) {
      promise = load(name).finally(() => loading.delete(name))
      loading.set(name, promise)
    }
    const loaded = await promise
    // Of several that waited for the same device, the first puts it in its place.
    return devices.get(name) ?? loaded
  }

  const touch = (name: string, device: Device): void => {
    devices.delete(name)
    devices.set(name, device)
    if (devices.size <= inMemory) return
    for (const [oldest, { changed }] of devices) {
      if (devices.size <= inMemory) break
      if (!changed) devices.delete(oldest)
    }
  }

  return {
    judge: async ({ data, answer, spec }) => {
      const name = answer.device_id ?? ''
      const device = devices.get(name) ?? (await find(name))
      const judged = learn(device, answer, spec, timestamps.next())
      const micros = timestamps.latest()
      device.changed ||= spec !== null
      touch(name, device)
      device.batches.push({ data, answer: judged })
      const points = device.batches.reduce((sum, batch) => sum + batch.data.length, 0)
      const completed = points >= bufferPoints ? device.batches : null
      if (completed !== null) device.batches = []
      if (device.changed && !announced) {
        announced = true
        onChange?.()
      }
      return { answer: judged, micros, completed }
    },
    flush: async () => {
      announced = false
      const changed = [...devices].filter(([, device]) => device.changed)
      if (changed.length === 0) return 0
      // Distinct, so that the store can tell which was heard last.
      const first = timestamps.latest() - changed.length + 1
      const rows = changed.map(([name, { version, state }], i) => ({
        device: name,
        version: version!,
        state: toJson(state!),
        updated: first + i,
      }))
      for (const [, device] of changed) device.changed = false
      try {
        await store.putAll(rows)
        await store.prune(stored)
      } catch (error) {
        for (const [, device] of changed) device.changed = true
        throw error
      }
      return changed.length
    },
    size: () => devices.size,
  }
}

function toJson({ sketch, suspects, ...rest }: ThresholdState): Json {
  return { ...rest, sketch: { ...sketch }, suspects }
}

function learn(
  device: Device,
  answer: VibrationAnswer,
  spec: VibrationSpec | null,
  timestamp: string,
): VibrationAnswer {
  if (spec === null) return { ...answer, timestamp }
  if (device.state === null || device.version !== answer.model_version) {
    // Another model's errors are on another scale.
    device.state = spec.initial
    device.version = answer.model_version
  }
  const before = device.state
  const verdict = update(before, answer.reconstruction_error, spec)
  device.state = verdict.state
  return {
    ...answer,
    timestamp,
    anomaly_status: verdict.anomaly,
    threshold: verdict.threshold,
    threshold_source: source(before),
    threshold_samples: before.seeded + before.samples,
  }
}
