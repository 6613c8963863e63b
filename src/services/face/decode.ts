// A picture → the rows that the classifier judges: the largest face, cut out and scaled, or the whole picture.
// The same at training and at serving; what is done stands in the version's manifest.
import { decodeImage } from '../../engine/decoders/image.ts'
import type { Decode, DecodeContext } from '../../engine/service.ts'
import { isInside, resizeSquare, squareAround } from '../../tensor/face/crop.ts'
import { fromLetterbox, toLetterbox } from '../../tensor/face/letterbox.ts'
import { detectedFaces, type FaceBox, largestFace } from '../../tensor/face/yunet.ts'
import type { Picture } from '../../tensor/picture.ts'
import { type PixelSpec, toLevels, toPixelTensor } from '../../tensor/pixel-tensor.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { type CropSpec, toCropSpec } from './crop-spec.ts'
import { toFacePixels } from './pixels.ts'

/** The detector's input where its graph names it otherwise is not supported: YuNet's is this. */
const DETECTOR_INPUT = 'input'

/** A square that Pillow resizes has to be cut out first; one larger than this is shrunk on the way. */
const MOST_CROPPED_SIDE = 2048

/** The detector's last input, to be written over: a new one each time is 5 MB of fresh memory and of garbage. */
let spare: Float32Array | null = null

/**
 * One row, or one a border where the square around the face leaves the picture. `extra` is
 * `{ face: { x, y, width, height, score } | null, rows }` in pixels of the upright picture where the model crops
 * (null: none found, the whole picture is judged), else left out.
 * @throws DugaError image.unreadable, image.too-many-pixels
 */
export const decode: Decode<Uint8Array> = async (bytes, context) => {
  const { manifest } = context
  const spec = toFacePixels(manifest)
  const crop = toCropSpec(manifest)
  const name = manifest.inputs[0]!.name
  const picture = await decodeImage(bytes, { applyOrientation: true })
  if (crop === null) return { rows: 1, feeds: { [name]: toPixelTensor(picture, spec) } }
  const face = await findFace(picture, crop, context)
  const tensors =
    face === null ? [toPixelTensor(picture, spec)] : cropFace(picture, face, spec, crop)
  const rows = tensors.length
  return {
    rows,
    feeds: { [name]: joinRows(tensors) },
    extra: { face: face === null ? null : { ...face }, rows },
  }
}

async function findFace(
  picture: Picture,
  { detector, size, score, nms }: CropSpec,
  context: DecodeContext,
): Promise<FaceBox | null> {
  const length = 3 * size * size
  const data = spare?.length === length ? spare : new Float32Array(length)
  // Whoever decodes meanwhile takes a new one.
  spare = null
  const letterbox = toLetterbox(picture, size, data)
  const outputs = await context.run(detector, { [DETECTOR_INPUT]: letterbox.tensor })
  spare = data
  const faces = detectedFaces(outputs, { size, scoreThreshold: score, nmsThreshold: nms })
  const face = largestFace(faces)
  return face && fromLetterbox(face, letterbox)
}

function cropFace(
  picture: Picture,
  face: FaceBox,
  spec: PixelSpec,
  { scale, borders }: CropSpec,
): readonly Tensor[] {
  const square = squareAround(face, scale)
  // Inside the picture every border gives the same row: one is enough.
  const needed = isInside(square, picture) ? borders.slice(0, 1) : borders
  return needed.map((border) => {
    if (spec.implementation === 'opencv') {
      return toLevels(resizeSquare(picture, square, spec.width, spec.height, border), spec)
    }
    const side = Math.min(square.side, MOST_CROPPED_SIDE)
    return toPixelTensor(resizeSquare(picture, square, side, side, border), spec)
  })
}

function joinRows(tensors: readonly Tensor[]): Tensor {
  const [first] = tensors as readonly [Tensor, ...Tensor[]]
  if (tensors.length === 1) return first
  const size = first.data.length
  const length = size * tensors.length
  const data = first.type === 'uint8' ? new Uint8Array(length) : new Float32Array(length)
  tensors.forEach((tensor, row) => {
    data.set(tensor.data as Uint8Array | Float32Array, row * size)
  })
  return { type: first.type, dims: [tensors.length, ...first.dims.slice(1)], data }
}
