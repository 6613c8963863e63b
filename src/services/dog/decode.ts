// A picture file → one row of a dog model's input. Run in a lane when serving and in the trainer when training.
import { decodeImage } from '../../engine/decoders/image.ts'
import { toPixelSpec } from '../../engine/decoders/pixel-spec.ts'
import type { Decode } from '../../engine/service.ts'
import type { Manifest } from '../../manifest.ts'
import { type PixelSpec, toPixelTensor } from '../../tensor/pixel-tensor.ts'

const specs = new WeakMap<Manifest, PixelSpec>()

/**
 * As Pillow: no EXIF orientation, no colour profile; the manifest's `decode` says size, filter, order and range.
 * @throws DugaError image.unreadable, image.too-many-pixels
 */
export const decode: Decode<Uint8Array> = async (bytes, { manifest }) => {
  const input = manifest.inputs[0]
  if (input === undefined) throw new TypeError('The model has no input.')
  let spec = specs.get(manifest)
  if (spec === undefined) {
    spec = toPixelSpec(manifest.decode)
    specs.set(manifest, spec)
  }
  const picture = await decodeImage(bytes)
  return { rows: 1, feeds: { [input.name]: toPixelTensor(picture, spec) } }
}
