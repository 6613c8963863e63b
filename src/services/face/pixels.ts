// How a face model takes its pixels: OpenCV's resizing and channels first, unless its manifest says otherwise.
import { toPixelSpec } from '../../engine/decoders/pixel-spec.ts'
import type { Manifest } from '../../manifest.ts'
import type { PixelSpec } from '../../tensor/pixel-tensor.ts'

/** @throws TypeError naming the field that is wrong */
export function toFacePixels({ decode }: Pick<Manifest, 'decode'>): PixelSpec {
  return toPixelSpec({ implementation: 'opencv', layout: 'NCHW', ...decode })
}
