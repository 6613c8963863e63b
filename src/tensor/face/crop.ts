// The square around a face, and that square as a small picture. It is sampled straight from the whole picture, so a
// square that leaves it, or a huge one, costs no more than the result.
import type { Picture } from '../picture.ts'
import { toTaps } from '../resize-linear.ts'

/** Whole pixels of the picture; may leave it. */
export interface Square {
  readonly left: number
  readonly top: number
  readonly side: number
}

/** What stands where the square leaves the picture: its nearest pixel, or black. */
export type Border = 'edge' | 'black'

/**
 * The square of `scale` times the longer side of a box, around its centre, halves rounded up.
 * @param box in pixels of the picture
 */
export function squareAround(
  box: {
    readonly x: number
    readonly y: number
    readonly width: number
    readonly height: number
  },
  scale: number,
): Square {
  const side = Math.max(1, Math.round(scale * Math.max(box.width, box.height)))
  return {
    left: Math.round(box.x + box.width / 2 - side / 2),
    top: Math.round(box.y + box.height / 2 - side / 2),
    side,
  }
}

/** Whether the square lies wholly in the picture, so that its border does not matter. */
export function isInside({ left, top, side }: Square, picture: Picture): boolean {
  return left >= 0 && top >= 0 && left + side <= picture.width && top + side <= picture.height
}

/**
 * The square scaled to `width` × `height`: within one level of `cv2.copyMakeBorder` (BORDER_REPLICATE or black),
 * slicing and `cv2.resize(…, interpolation=cv2.INTER_LINEAR)`.
 */
export function resizeSquare(
  picture: Picture,
  square: Square,
  width: number,
  height: number,
  border: Border,
): Picture {
  const columns = toAxis(square.left, square.side, width, picture.width, border)
  const rows = toAxis(square.top, square.side, height, picture.height, border)
  const source = picture.data
  const data = new Uint8Array(width * height * 3)
  const stride = picture.width * 3
  let out = 0
  for (let y = 0; y < height; y += 1) {
    const upper = rows.at[y * 2]! * stride
    const lower = rows.at[y * 2 + 1]! * stride
    const upperWeight = rows.weight[y * 2]!
    const lowerWeight = rows.weight[y * 2 + 1]!
    for (let x = 0; x < width; x += 1) {
      const left = columns.at[x * 2]! * 3
      const right = columns.at[x * 2 + 1]! * 3
      const leftWeight = columns.weight[x * 2]!
      const rightWeight = columns.weight[x * 2 + 1]!
      for (let c = 0; c < 3; c += 1) {
        const above =
          source[upper + left + c]! * leftWeight + source[upper + right + c]! * rightWeight
        const below =
          source[lower + left + c]! * leftWeight + source[lower + right + c]! * rightWeight
        data[out++] = blend(above, upperWeight, below, lowerWeight)
      }
    }
  }
  return { width, height, data }
}

interface Axis {
  /** Two source pixels an output pixel. */
  readonly at: Int32Array
  /** Their weights in 1/2048; 0 where black stands instead. */
  readonly weight: Int32Array
}

function toAxis(start: number, side: number, size: number, limit: number, border: Border): Axis {
  const taps = toTaps(side, size)
  const at = new Int32Array(size * 2)
  const weight = new Int32Array(size * 2)
  const place = (slot: number, index: number, share: number): void => {
    const pixel = start + Math.min(index, side - 1)
    const isOutside = pixel < 0 || pixel >= limit
    at[slot] = Math.min(Math.max(pixel, 0), limit - 1)
    weight[slot] = isOutside && border === 'black' ? 0 : share
  }
  for (let i = 0; i < size; i += 1) {
    const second = taps.second[i]!
    place(i * 2, taps.first[i]!, 2048 - second)
    place(i * 2 + 1, taps.first[i]! + 1, second)
  }
  return { at, weight }
}

/** OpenCV's vertical pass: products of 15-bit sums and 11-bit weights, each cut to 16 bits less, then rounded. */
function blend(above: number, upperWeight: number, below: number, lowerWeight: number): number {
  return (((upperWeight * (above >> 4)) >> 16) + ((lowerWeight * (below >> 4)) >> 16) + 2) >> 2
}
