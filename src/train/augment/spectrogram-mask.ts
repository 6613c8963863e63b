// Bands of time and of frequency blanked out (SpecAugment: Park et al., 2019). In place; no time warping.
import type { Draw } from './counter-random.ts'

export interface SpectrogramMask {
  /** Bands of each kind, and the largest width of one as a part of the axis. */
  readonly time: { readonly count: number; readonly part: number }
  readonly frequency: { readonly count: number; readonly part: number }
}

/**
 * @param data row-major: `data[band * frames + frame]`
 * @param fill what stands for nothing: the floor in dB before, 0 after standardising
 */
export function maskSpectrogram(
  data: Float32Array,
  bands: number,
  frames: number,
  { time, frequency }: SpectrogramMask,
  fill: number,
  draw: Draw,
): void {
  for (let i = 0; i < frequency.count; i++) {
    const [start, end] = drawBand(bands, frequency.part, draw)
    data.fill(fill, start * frames, end * frames)
  }
  for (let i = 0; i < time.count; i++) {
    const [start, end] = drawBand(frames, time.part, draw)
    for (let band = 0; band < bands; band++) {
      data.fill(fill, band * frames + start, band * frames + end)
    }
  }
}

/** From nothing up to the largest width, anywhere on the axis. */
function drawBand(length: number, part: number, draw: Draw): readonly [number, number] {
  const width = draw.integer(Math.floor(length * part) + 1)
  const start = draw.integer(length - width + 1)
  return [start, start + width]
}
