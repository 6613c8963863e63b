// The errors that a version which serves makes of given windows, as the service itself would compute them.
import { readFile } from 'node:fs/promises'
import { loadSession } from '../../engine/runtime.ts'
import type { Manifest } from '../../manifest.ts'
import { threshold } from '../../tensor/dynamic-threshold.ts'
import type { WindowScores } from '../../train/vibration/gate.ts'
import type { WindowValues } from '../../train/vibration/run-model.ts'
import { reconstructionError } from './answer.ts'
import { toInputRow } from './decode.ts'
import type { VibrationInput } from './input.ts'
import { toVibrationSpec } from './spec.ts'

/** @returns null where the version has no threshold of its own: it learns one from each device */
export async function scoreWindows(
  manifest: Manifest,
  path: string,
  windows: Readonly<Record<'normal' | 'anomalous', readonly WindowValues[]>>,
): Promise<WindowScores | null> {
  const spec = toVibrationSpec(manifest)
  const limit = threshold(spec.initial, { quantile: spec.quantile })
  if (limit === null) return null
  const session = await loadSession(await readFile(path))
  const errorsOf = async (rows: readonly WindowValues[]): Promise<Float64Array> => {
    const errors = new Float64Array(rows.length)
    for (const [i, values] of rows.entries()) {
      const decoded = toInputRow(toInput(values), manifest)
      const outputs = await session.run(decoded.feeds)
      errors[i] = reconstructionError(outputs, decoded.extra, spec)
    }
    return errors
  }
  try {
    return {
      normal: await errorsOf(windows.normal),
      anomalous: await errorsOf(windows.anomalous),
      threshold: limit,
    }
  } finally {
    await session.release()
  }
}

/** A window as the body of a request. */
export function toInput(values: WindowValues): VibrationInput {
  const data = Array.from({ length: values.length / 4 }, (_, i) => ({
    x_accelerometer_data: values[i * 4]!,
    y_accelerometer_data: values[i * 4 + 1]!,
    z_accelerometer_data: values[i * 4 + 2]!,
    acceleration_accelerometer_data: values[i * 4 + 3]!,
  }))
  return { data }
}
