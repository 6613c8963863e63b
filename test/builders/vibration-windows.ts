// Made accelerometer batches of a machine that runs quietly, or shakes. From a seed; no recording.
import type { VibrationInput, VibrationPoint } from '../../src/services/vibration/input.ts'
import { createRandom } from './cough-model.ts'

export interface WindowOptions {
  readonly seed?: number
  /** 1: as in training; from about 4 on an anomaly. */
  readonly shake?: number
}

/** An endless row of batches of 24 points: gravity on z, two harmonics and noise. */
export function createWindows({
  seed = 24,
  shake = 1,
}: WindowOptions = {}): () => VibrationPoint[] {
  const random = createRandom(seed)
  const noise = (): number => random() + random() + random() - 1.5
  let time = 0
  return () =>
    Array.from({ length: 24 }, () => {
      time += 1
      const swing = 0.05 * Math.sin(time / 3) + 0.02 * Math.sin(time / 1.7)
      const x = 0.02 + shake * (swing + 0.03 * noise())
      const y = -0.03 + shake * (0.6 * swing + 0.03 * noise())
      const z = 0.98 + shake * (0.4 * swing + 0.04 * noise())
      return {
        x_accelerometer_data: round(x),
        y_accelerometer_data: round(y),
        z_accelerometer_data: round(z),
        acceleration_accelerometer_data: round(Math.hypot(x, y, z)),
      }
    })
}

/** A request body. */
export function createBatch(
  options: WindowOptions & { readonly device?: string } = {},
): VibrationInput {
  const data = createWindows(options)()
  return options.device === undefined ? { data } : { data, device_id: options.device }
}

function round(value: number): number {
  return Math.round(value * 1e4) / 1e4
}
