// From power to the picture that a network sees: decibels under the maximum, a fixed width, zero
// mean and unit deviation.
import type { Spectrogram } from './mel.ts'

/**
 * librosa's `power_to_db(S, ref=np.max)`, cut or padded with zeros on the right to `frames`
 * columns. Powers below 1e-10 count as that; nothing is more than 80 dB below the maximum, which is
 * taken over all frames. Row-major, `bands × frames`.
 */
export function toDecibels({ bands, frames, data }: Spectrogram, width = frames): Float32Array {
  const most = Math.max(LEAST, maximum(data))
  const least = Math.max(LEAST, most * FLOOR)
  const bottom = DECIBELS * Math.log(least / most)
  const picture = new Float32Array(bands * width)
  const columns = Math.min(width, frames)
  for (let band = 0; band < bands; band++) {
    for (let frame = 0; frame < columns; frame++) {
      const power = data[band * frames + frame]!
      // Logarithms are most of the work, and quiet places need none.
      const level = power > least ? DECIBELS * Math.log(power / most) : bottom
      picture[band * width + frame] = level
    }
  }
  return picture
}

/**
 * Zero mean and unit (population) deviation over all values, in place. A constant picture becomes
 * zeros.
 */
export function standardise(values: Float32Array): Float32Array {
  const { length } = values
  let sum = 0
  for (let i = 0; i < length; i++) sum += values[i]!
  const mean = sum / length
  let squares = 0
  for (let i = 0; i < length; i++) squares += (values[i]! - mean) ** 2
  const deviation = Math.sqrt(squares / length)
  if (!(deviation > CONSTANT)) return values.fill(0)
  const scale = 1 / deviation
  for (let i = 0; i < length; i++) values[i] = (values[i]! - mean) * scale
  return values
}

/** librosa's `amin`. */
const LEAST = 1e-10
/** librosa's `top_db` of 80 as a ratio of powers. */
const FLOOR = 1e-8
const DECIBELS = 10 / Math.LN10
/** Below this a deviation (of values in dB) is rounding. */
const CONSTANT = 1e-6

function maximum(data: Float32Array): number {
  let most = 0
  for (let i = 0; i < data.length; i++) if (data[i]! > most) most = data[i]!
  return most
}
