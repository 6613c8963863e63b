// A picture as the face detector sees it: shrunk until it fits, at the top left of a black square, blue first.
import type { Picture } from '../picture.ts'
import { resizeLinear } from '../resize-linear.ts'
import type { Tensor } from '../tensor.ts'
import type { FaceBox } from './yunet.ts'

export interface Letterbox {
  /** [1, 3, size, size], BGR, 0..255. */
  readonly tensor: Tensor
  /** Pixels of the square a pixel of the picture, along x and y; at most 1. */
  readonly scaleX: number
  readonly scaleY: number
}

/**
 * Pictures that fit are not enlarged: the detector finds faces of some ten pixels and up.
 * @param data where the tensor is put, of 3 × size² values; whatever was in it is gone
 */
export function toLetterbox(
  picture: Picture,
  size: number,
  data: Float32Array = new Float32Array(3 * size * size),
): Letterbox {
  const shrink = Math.min(1, size / Math.max(picture.width, picture.height))
  const width = Math.max(1, Math.round(picture.width * shrink))
  const height = Math.max(1, Math.round(picture.height * shrink))
  const small = shrink < 1 ? resizeLinear(picture, width, height) : picture
  const plane = size * size
  data.fill(0)
  for (let channel = 0; channel < 3; channel += 1) {
    let from = 2 - channel
    for (let y = 0; y < height; y += 1) {
      const start = channel * plane + y * size
      for (let to = start; to < start + width; to += 1) {
        data[to] = small.data[from]!
        from += 3
      }
    }
  }
  return {
    tensor: { type: 'float32', dims: [1, 3, size, size], data },
    scaleX: width / picture.width,
    scaleY: height / picture.height,
  }
}

/** A box of the square in pixels of the picture. */
export function fromLetterbox(face: FaceBox, { scaleX, scaleY }: Letterbox): FaceBox {
  return {
    x: face.x / scaleX,
    y: face.y / scaleY,
    width: face.width / scaleX,
    height: face.height / scaleY,
    score: face.score,
  }
}
