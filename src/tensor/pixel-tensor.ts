// A picture as a model takes it: scaled to its size, channels in its order, levels in its range. One row.
import type { Picture } from './picture.ts'
import { type PillowFilter, resize } from './resize.ts'
import { resizeLinear } from './resize-linear.ts'
import type { Tensor } from './tensor.ts'

/** What a picture model's manifest says of its input; read by toPixelSpec. */
export interface PixelSpec {
  readonly width: number
  readonly height: number
  /** Whose resizing the model was trained with. OpenCV's is bilinear only. */
  readonly implementation: 'pillow' | 'opencv'
  readonly filter: PillowFilter
  /** Side of the central square that is resized ÷ shorter side of the picture; null: all of the picture. */
  readonly centerCrop: number | null
  readonly order: 'RGB' | 'BGR'
  readonly layout: 'NHWC' | 'NCHW'
  /** value = (level × scale + offset − mean) ÷ std, of the channel in the model's order. */
  readonly scale: number
  readonly offset: number
  readonly mean: readonly [number, number, number]
  readonly std: readonly [number, number, number]
  /** `uint8` takes the levels as they are. */
  readonly dtype: 'float32' | 'uint8'
}

/** Resizes and converts. @returns [1, height, width, 3] or [1, 3, height, width] */
export function toPixelTensor(picture: Picture, spec: PixelSpec): Tensor {
  const { width, height, implementation, filter, centerCrop } = spec
  const sized =
    implementation === 'opencv'
      ? resizeLinear(picture, width, height)
      : resize(picture, width, height, {
          filter,
          ...(centerCrop !== null && { box: toCentralBox(picture, centerCrop) }),
        })
  return toLevels(sized, spec)
}

function toCentralBox({ width, height }: Picture, fraction: number) {
  const side = Math.min(width, height) * fraction
  const left = (width - side) / 2
  const top = (height - side) / 2
  return [left, top, left + side, top + side] as const
}

/** Converts a picture that has the model's size already. */
export function toLevels({ width, height, data }: Picture, spec: PixelSpec): Tensor {
  const pixels = width * height
  const values = spec.dtype === 'uint8' ? new Uint8Array(pixels * 3) : new Float32Array(pixels * 3)
  const planar = spec.layout === 'NCHW'
  const step = planar ? 1 : 3
  for (let channel = 0; channel < 3; channel++) {
    const table = toTable(spec, channel)
    let from = spec.order === 'RGB' ? channel : 2 - channel
    let to = planar ? channel * pixels : channel
    for (let pixel = 0; pixel < pixels; pixel++) {
      values[to] = table[data[from]!]!
      from += 3
      to += step
    }
  }
  const dims = planar ? [1, 3, height, width] : [1, height, width, 3]
  return { type: spec.dtype, dims, data: values }
}

/** The value of each of the 256 levels. */
function toTable({ scale, offset, mean, std, dtype }: PixelSpec, channel: number): Float32Array {
  return Float32Array.from({ length: 256 }, (_, level) =>
    dtype === 'uint8' ? level : (level * scale + offset - mean[channel]!) / std[channel]!,
  )
}
