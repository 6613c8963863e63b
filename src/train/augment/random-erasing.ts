// A rectangle of noise over part of a picture (Zhong et al., "Random erasing data augmentation", 2020). In place.

import type { Levels } from './affine.ts'
import type { Draw } from './counter-random.ts'

export interface RandomErasing {
  readonly probability: number
  /** Least and largest part of the picture's area. */
  readonly area: readonly [number, number]
  /** Least and largest height ÷ width. */
  readonly aspect: readonly [number, number]
}

/** The paper's and torchvision's. */
export const ERASING_DEFAULTS: RandomErasing = {
  probability: 0.5,
  area: [0.02, 0.33],
  aspect: [0.3, 3.3],
}

/** Rectangles that do not fit are drawn again, ten times at most. */
const TRIES = 10

export function eraseRandomly(levels: Levels, erasing: RandomErasing, draw: Draw): void {
  if (!draw.chance(erasing.probability)) return
  const { width, height, data } = levels
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const area = width * height * draw.between(...erasing.area)
    const [low, high] = erasing.aspect
    const aspect = Math.exp(draw.between(Math.log(low), Math.log(high)))
    const h = Math.round(Math.sqrt(area * aspect))
    const w = Math.round(Math.sqrt(area / aspect))
    if (h < 1 || w < 1 || h >= height || w >= width) continue
    const [top, left] = [draw.integer(height - h + 1), draw.integer(width - w + 1)]
    for (let row = top; row < top + h; row++) {
      const start = (row * width + left) * 3
      for (let at = start; at < start + w * 3; at++) data[at] = draw.uniform() * 255
    }
    return
  }
}
