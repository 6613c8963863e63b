// Gaussian blur of levels, two passes, the nearest pixel beyond the border: an unfocused or smeared lens.
import type { Levels } from './affine.ts'

/** @param sigma in pixels; 0 and less leaves the picture as it is */
export function blur(levels: Levels, sigma: number): Levels {
  if (!(sigma > 0)) return levels
  const weights = toWeights(sigma)
  const { width, height } = levels
  return { width, height, data: blurColumns(blurRows(levels, weights), width, height, weights) }
}

/** Weights at distances 0, 1, 2 … up to 3 sigma; both sides together make 1. */
function toWeights(sigma: number): Float64Array {
  const reach = Math.max(1, Math.ceil(3 * sigma))
  const raw = Float64Array.from({ length: reach + 1 }, (_, i) => Math.exp(-0.5 * (i / sigma) ** 2))
  const sum = 2 * raw.reduce((a, b) => a + b) - raw[0]!
  return raw.map((weight) => weight / sum)
}

function blurRows({ width, data }: Levels, weights: Float64Array): Float32Array {
  const [row, margin] = [width * 3, (weights.length - 1) * 3]
  const padded = new Float32Array(row + 2 * margin)
  const out = new Float32Array(data.length)
  for (let start = 0; start < data.length; start += row) {
    padded.set(data.subarray(start, start + row), margin)
    for (let at = 0; at < margin; at++) {
      padded[at] = data[start + (at % 3)]!
      padded[margin + row + at] = data[start + row - 3 + (at % 3)]!
    }
    for (let at = 0; at < row; at++) {
      let sum = weights[0]! * padded[at + margin]!
      for (let k = 1; k < weights.length; k++) {
        sum += weights[k]! * (padded[at + margin - 3 * k]! + padded[at + margin + 3 * k]!)
      }
      out[start + at] = sum
    }
  }
  return out
}

function blurColumns(
  data: Float32Array,
  width: number,
  height: number,
  weights: Float64Array,
): Float32Array {
  const row = width * 3
  const out = new Float32Array(data.length)
  for (let y = 0; y < height; y++) {
    const start = y * row
    for (let at = 0; at < row; at++) out[start + at] = weights[0]! * data[start + at]!
    for (let k = 1; k < weights.length; k++) {
      const [above, below] = [Math.max(0, y - k) * row, Math.min(height - 1, y + k) * row]
      const weight = weights[k]!
      for (let at = 0; at < row; at++) {
        out[start + at]! += weight * (data[above + at]! + data[below + at]!)
      }
    }
  }
  return out
}
