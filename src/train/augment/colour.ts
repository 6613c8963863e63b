// What light and camera do to colours, on levels 0…255: brightness, contrast, saturation, gamma, a cast.

import type { Picture } from '../../tensor/picture.ts'
import type { Levels } from './affine.ts'
import type { Draw } from './counter-random.ts'

export interface ColourJitter {
  /** Each factor is drawn from 1 − x to 1 + x; 0 is off. */
  readonly brightness: number
  readonly contrast: number
  readonly saturation: number
}

/** Rec. 601, as Pillow's and torchvision's grey. */
const [RED, GREEN, BLUE] = [0.299, 0.587, 0.114]

/** In place: brightness, then contrast about the mean grey, then saturation, in this order (torchvision draws the order too). */
export function jitterColour(levels: Levels, jitter: ColourJitter, draw: Draw): void {
  const { data } = levels
  const factor = (range: number) => draw.between(Math.max(0, 1 - range), 1 + range)
  const brightness = factor(jitter.brightness)
  const contrast = factor(jitter.contrast)
  const saturation = factor(jitter.saturation)
  const mean = contrast === 1 ? 0 : meanGrey(data) * brightness
  for (let at = 0; at < data.length; at += 3) {
    const r = clip((data[at]! * brightness - mean) * contrast + mean)
    const g = clip((data[at + 1]! * brightness - mean) * contrast + mean)
    const b = clip((data[at + 2]! * brightness - mean) * contrast + mean)
    const grey = RED * r + GREEN * g + BLUE * b
    data[at] = clip(grey + (r - grey) * saturation)
    data[at + 1] = clip(grey + (g - grey) * saturation)
    data[at + 2] = clip(grey + (b - grey) * saturation)
  }
}

/** Raises levels to a power, below 1 being lighter, then multiplies each channel; rounds to whole levels. */
export function applyGamma(
  { width, height, data }: Levels,
  gamma: number,
  cast: readonly [number, number, number],
): Picture {
  const [red, green, blue] = cast.map((factor) =>
    Uint8Array.from({ length: 256 }, (_, level) =>
      Math.round(clip(255 * (level / 255) ** gamma * factor)),
    ),
  ) as [Uint8Array, Uint8Array, Uint8Array]
  const out = new Uint8Array(data.length)
  for (let at = 0; at < data.length; at += 3) {
    out[at] = red[(data[at]! + 0.5) | 0]!
    out[at + 1] = green[(data[at + 1]! + 0.5) | 0]!
    out[at + 2] = blue[(data[at + 2]! + 0.5) | 0]!
  }
  return { width, height, data: out }
}

export function clip(level: number): number {
  return level < 0 ? 0 : level > 255 ? 255 : level
}

function meanGrey(data: Float32Array): number {
  let sum = 0
  for (let at = 0; at < data.length; at += 3) {
    sum += RED * data[at]! + GREEN * data[at + 1]! + BLUE * data[at + 2]!
  }
  return sum / (data.length / 3)
}
