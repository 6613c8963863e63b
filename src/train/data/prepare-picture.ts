// A picture file → one row of a picture model's input: as at serving, or an augmented view of it. Runs in a thread.
import { decodeImage } from '../../engine/decoders/image.ts'
import { type PixelSpec, toPixelTensor } from '../../tensor/pixel-tensor.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import type { Levels } from '../augment/affine.ts'
import { augmentPicture, type PictureAugmentation } from '../augment/picture-augmentation.ts'
import type { Prepare } from './prepare.ts'
import { readFrozen } from './read-frozen.ts'

export interface PictureSetup {
  readonly inputName: string
  readonly pixels: PixelSpec
  /** Whether the service turns pictures upright as EXIF says. */
  readonly applyOrientation: boolean
  /** null: as at serving. */
  readonly augmentation: PictureAugmentation | null
}

/** Rows that throw image.* or training.file-changed are left out. */
export function createPrepare(setup: PictureSetup): Prepare {
  const { inputName, pixels, applyOrientation, augmentation } = setup
  // Augmentation works on the resized picture, as Keras' generator does, and on whole levels.
  const sized: PixelSpec = { ...pixels, dtype: 'uint8', layout: 'NHWC', order: 'RGB' }
  return async (row, draw) => {
    const picture = await decodeImage(await readFrozen(row), { applyOrientation })
    if (augmentation === null) return { [inputName]: toPixelTensor(picture, pixels) }
    const { width, height } = pixels
    const data = toPixelTensor(picture, sized).data as Uint8Array
    const levels = await augmentPicture({ width, height, data }, augmentation, draw)
    return { [inputName]: levelsToTensor(levels, pixels) }
  }
}

/** Levels with fractions as the model takes them: order, layout, range. @returns one row */
export function levelsToTensor({ width, height, data }: Levels, spec: PixelSpec): Tensor {
  const pixels = width * height
  const values = spec.dtype === 'uint8' ? new Uint8Array(pixels * 3) : new Float32Array(pixels * 3)
  const planar = spec.layout === 'NCHW'
  const step = planar ? 1 : 3
  for (let channel = 0; channel < 3; channel++) {
    const whole = spec.dtype === 'uint8'
    const factor = whole ? 1 : spec.scale / spec.std[channel]!
    // Whole levels are rounded by the half that truncation then cuts off.
    const term = whole ? 0.5 : (spec.offset - spec.mean[channel]!) / spec.std[channel]!
    let from = spec.order === 'RGB' ? channel : 2 - channel
    let to = planar ? channel * pixels : channel
    for (let pixel = 0; pixel < pixels; pixel++) {
      values[to] = data[from]! * factor + term
      from += 3
      to += step
    }
  }
  const dims = planar ? [1, 3, height, width] : [1, height, width, 3]
  return { type: spec.dtype, dims, data: values }
}
