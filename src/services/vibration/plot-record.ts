// What a plot is drawn from: the batches that filled a device's buffer. Stored as JSON, drawn when asked for.
import type { VibrationAnswer } from './answer.ts'
import type { VibrationPoint } from './input.ts'

export interface PlottedBatch {
  readonly timestamp: string
  readonly error: number
  readonly threshold: number
  readonly anomaly: boolean
  /** One number a point, oldest first. */
  readonly x: readonly number[]
  readonly y: readonly number[]
  readonly z: readonly number[]
  readonly acceleration: readonly number[]
}

export interface PlotRecord {
  readonly device: string | null
  readonly version: string
  /** Oldest first; at least one. */
  readonly batches: readonly PlottedBatch[]
}

/** A batch as it waits in a device's buffer. */
export interface BufferedBatch {
  readonly data: readonly VibrationPoint[]
  readonly answer: VibrationAnswer
}

export function toPlotRecord(batches: readonly BufferedBatch[]): PlotRecord {
  const { answer } = batches.at(-1)!
  return {
    device: answer.device_id,
    version: answer.model_version,
    batches: batches.map(({ data, answer: { timestamp, threshold, ...rest } }) => ({
      timestamp,
      error: rest.reconstruction_error,
      threshold,
      anomaly: rest.anomaly_status,
      x: data.map((point) => point.x_accelerometer_data),
      y: data.map((point) => point.y_accelerometer_data),
      z: data.map((point) => point.z_accelerometer_data),
      acceleration: data.map((point) => point.acceleration_accelerometer_data),
    })),
  }
}
