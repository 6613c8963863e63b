// Pillow's Image.resize for 8-bit RGB, to the bit: two passes of fixed-point convolution, or nearest neighbour.
// Not OpenCV's (see resize-linear.ts) and not libvips's.
import { convolve } from './convolve.ts'
import { checkSizes, type Picture } from './picture.ts'
import { type ConvolutionFilter, toCoefficients } from './pillow-coefficients.ts'

export type PillowFilter = ConvolutionFilter | 'nearest'

export interface ResizeOptions {
  /** Default: bicubic, as in Pillow. */
  readonly filter?: PillowFilter
  /** Source rectangle left, top, right, bottom in pixels, fractions allowed. Default: all of it. */
  readonly box?: Box
}

type Box = readonly [number, number, number, number]

/**
 * Equal to Pillow's `image.resize((width, height), filter, box)` of an RGB image.
 * @throws RangeError where a size is not a positive integer or the box is empty or leaves the picture
 */
export function resize(
  picture: Picture,
  width: number,
  height: number,
  { filter = 'bicubic', box = [0, 0, picture.width, picture.height] }: ResizeOptions = {},
): Picture {
  checkSizes(picture, width, height)
  checkBox(picture, box)
  if (isWhole(picture, box) && width === picture.width && height === picture.height) {
    return { width, height, data: picture.data.slice() }
  }
  if (filter === 'nearest') return resizeNearest(picture, width, height, box)
  const columns = toCoefficients(filter, picture.width, box[0], box[2], width)
  const rows = toCoefficients(filter, picture.height, box[1], box[3], height)
  return { width, height, data: convolve(picture, columns, rows) }
}

function checkBox({ width, height }: Picture, [left, top, right, bottom]: Box): void {
  const inside = left >= 0 && top >= 0 && right <= width && bottom <= height
  if (!(inside && left < right && top < bottom)) {
    const box = [left, top, right, bottom].join(', ')
    throw new RangeError(`Box ${box} is empty or leaves the picture of ${width}×${height}`)
  }
}

function isWhole({ width, height }: Picture, [left, top, right, bottom]: Box): boolean {
  return left === 0 && top === 0 && right === width && bottom === height
}

function resizeNearest(picture: Picture, width: number, height: number, box: Box): Picture {
  const columns = toNearest(width, box[0], box[2])
  const rows = toNearest(height, box[1], box[3])
  const data = new Uint8Array(width * height * 3)
  let at = 0
  for (const row of rows) {
    for (const column of columns) {
      const from = (row * picture.width + column) * 3
      data[at++] = picture.data[from]!
      data[at++] = picture.data[from + 1]!
      data[at++] = picture.data[from + 2]!
    }
  }
  return { width, height, data }
}

// Adds the step up as Pillow does, rounding errors included, rather than multiplying.
function toNearest(size: number, from: number, to: number): Int32Array {
  const step = (to - from) / size
  const sources = new Int32Array(size)
  let position = from + step * 0.5
  for (let i = 0; i < size; i++) {
    sources[i] = Math.trunc(position)
    position += step
  }
  return sources
}
