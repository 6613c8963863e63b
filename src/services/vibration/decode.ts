// 24 points → the model's input row: features in float64, scaled in float64, then float32. Training uses it too.
import type { Decode, Decoded } from '../../engine/service.ts'
import type { Manifest } from '../../manifest.ts'
import { windowFeatures } from '../../tensor/window-statistics.ts'
import { CHANNELS, toWindow, type VibrationInput, WINDOW_POINTS } from './input.ts'
import { type Scaler, toVibrationSpec } from './spec.ts'

/**
 * One row, [1, 24, 1] or [1, 24, 4]. `extra` is the scaled row, which the answer compares the output with; absent
 * where the scaler is in the graph.
 * @throws DugaError input.invalid for anything but 24 points of four numbers
 */
export const decode: Decode<VibrationInput> = (input, { manifest }) => toInputRow(input, manifest)

/** What `decode` makes of an input; it needs the manifest alone. */
export function toInputRow(input: VibrationInput, manifest: Manifest): Decoded {
  const spec = toVibrationSpec(manifest)
  const window = toWindow(input?.data)
  const row = spec.features === 'raw' ? interleave(window) : windowFeatures(window)
  const data = toScaled(row, spec.scaler)
  return {
    rows: 1,
    feeds: { [spec.inputName]: { type: 'float32', dims: spec.dims, data } },
    ...(spec.scalerInGraph ? {} : { extra: Array.from(data) }),
  }
}

function toScaled(row: Float64Array, scaler: Scaler | null): Float32Array {
  const scaled = new Float32Array(row.length)
  for (let i = 0; i < row.length; i++) {
    scaled[i] = scaler === null ? row[i]! : (row[i]! - scaler.offset[i]!) / scaler.divisor[i]!
  }
  return scaled
}

function interleave(window: ReturnType<typeof toWindow>): Float64Array {
  const row = new Float64Array(WINDOW_POINTS * CHANNELS.length)
  for (const [channel, axis] of CHANNELS.entries()) {
    for (let i = 0; i < WINDOW_POINTS; i++) row[i * CHANNELS.length + channel] = window[axis][i]!
  }
  return row
}
