// What may be done to a training picture, drawn from numbers of its own and applied in one order: camera, geometry,
// colour, erasing. Takes and gives pictures of the model's size; knows no files and no tensors.

import { encodeJpeg } from '../../engine/decoders/encode-jpeg.ts'
import { decodeImage } from '../../engine/decoders/image.ts'
import type { Picture } from '../../tensor/picture.ts'
import { type AffineParameters, type Levels, toAffineMap, toLevels, warpPicture } from './affine.ts'
import { blur } from './blur.ts'
import { applyGamma, type ColourJitter, jitterColour } from './colour.ts'
import type { Draw } from './counter-random.ts'
import { eraseRandomly, type RandomErasing } from './random-erasing.ts'

/** Ranges as Keras' ImageDataGenerator has them. */
export interface Geometry {
  /** Degrees either way. */
  readonly rotation: number
  /** Fractions of width and height, either way. */
  readonly widthShift: number
  readonly heightShift: number
  /** Degrees either way (0.2 is next to nothing, and what the contract's recipe has). */
  readonly shear: number
  /** Each axis by a factor from 1 − x to 1 + x. */
  readonly zoom: number
  readonly horizontalFlip: boolean
}

/** What another camera, and the way its picture came here, would have done. */
export interface CameraMimicry {
  /** Chance that anything of this is done. */
  readonly probability: number
  /** Largest sigma of the blur, pixels. */
  readonly blur: number
  /** Exponent from 1 ÷ x to x. */
  readonly gamma: number
  /** Each channel by a factor from 1 − x to 1 + x. */
  readonly cast: number
  /** Least and largest JPEG quality, 1 to 100. */
  readonly jpeg: readonly [number, number]
}

export interface PictureAugmentation {
  readonly geometry?: Geometry
  readonly camera?: CameraMimicry
  readonly colour?: ColourJitter
  readonly erasing?: RandomErasing
}

/** Contract 3's. */
export const DOG_GEOMETRY: Geometry = {
  rotation: 20,
  widthShift: 0.2,
  heightShift: 0.2,
  shear: 0.2,
  zoom: 0.2,
  horizontalFlip: true,
}

/** For faces before a webcam or a phone: enough that compression alone is no sign of a copy. */
export const FACE_CAMERA: CameraMimicry = {
  probability: 0.7,
  blur: 1.2,
  gamma: 1.5,
  cast: 0.12,
  jpeg: [35, 95],
}

/** One augmented view; the same numbers give the same view. */
export async function augmentPicture(
  picture: Picture,
  { geometry, camera, colour, erasing }: PictureAugmentation,
  draw: Draw,
): Promise<Levels> {
  const seen = camera === undefined ? picture : await seeThroughCamera(picture, camera, draw)
  const levels = geometry === undefined ? toLevels(seen) : warpRandomly(seen, geometry, draw)
  if (colour !== undefined) jitterColour(levels, colour, draw)
  if (erasing !== undefined) eraseRandomly(levels, erasing, draw)
  return levels
}

/** In Keras' order and with its meaning: `tx` comes of the height's range, `ty` of the width's. */
export function drawGeometry(
  { rotation, widthShift, heightShift, shear, zoom, horizontalFlip }: Geometry,
  width: number,
  height: number,
  draw: Draw,
): AffineParameters {
  return {
    theta: draw.between(-rotation, rotation),
    tx: draw.between(-heightShift, heightShift) * height,
    ty: draw.between(-widthShift, widthShift) * width,
    shear: draw.between(-shear, shear),
    zx: draw.between(1 - zoom, 1 + zoom),
    zy: draw.between(1 - zoom, 1 + zoom),
    flipHorizontal: draw.chance(0.5) && horizontalFlip,
  }
}

function warpRandomly(picture: Picture, geometry: Geometry, draw: Draw): Levels {
  const { width, height } = picture
  const parameters = drawGeometry(geometry, width, height, draw)
  return warpPicture(picture, toAffineMap(parameters, width, height), parameters.flipHorizontal)
}

async function seeThroughCamera(
  picture: Picture,
  camera: CameraMimicry,
  draw: Draw,
): Promise<Picture> {
  if (!draw.chance(camera.probability)) return picture
  const levels = blur(toLevels(picture), draw.between(0, camera.blur))
  const log = Math.log(camera.gamma)
  const factor = () => draw.between(1 - camera.cast, 1 + camera.cast)
  const gamma = Math.exp(draw.between(-log, log))
  const cast = [factor(), factor(), factor()] as const
  const quality = Math.round(draw.between(...camera.jpeg))
  return await decodeImage(await encodeJpeg(applyGamma(levels, gamma, cast), quality))
}
