// A folder with real/ and fake/ for training the face service, made from photographs of faces. The fakes are simulated
// recaptures (a screen or a print before the camera): enough to see that training works, no measure of real attacks.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { encodeJpeg } from '../../src/engine/decoders/encode-jpeg.ts'
import { decodeImage } from '../../src/engine/decoders/image.ts'
import type { Picture } from '../../src/tensor/picture.ts'
import { resizeLinear } from '../../src/tensor/resize-linear.ts'
import { type Levels, toAffineMap, warpPicture } from '../../src/train/augment/affine.ts'
import { blur } from '../../src/train/augment/blur.ts'
import { applyGamma, clip } from '../../src/train/augment/colour.ts'
import { createDraw, type Draw } from '../../src/train/augment/counter-random.ts'
import { createRandom } from '../../src/train/random.ts'

export interface FacePhotograph {
  /** Begins the names of its pictures. */
  readonly person: string
  /** One face with something around it. */
  readonly picture: Picture
}

export interface FaceFolderOptions {
  /** Pictures of each person and kind. */
  readonly takes: number
  readonly seed?: number
  /** Pixels of the longer side, least and largest. */
  readonly side?: readonly [number, number]
}

/** Writes `real/<person>_<take>.jpg` and `fake/<person>_<take>.jpg`. */
export async function makeFaceFolder(
  folder: string,
  photographs: readonly FacePhotograph[],
  { takes, seed = 1, side = [240, 360] }: FaceFolderOptions,
): Promise<void> {
  for (const kind of ['real', 'fake'] as const) {
    await mkdir(join(folder, kind), { recursive: true })
    for (const { person, picture } of photographs) {
      for (let take = 0; take < takes; take++) {
        const draw = createDraw({ seed, epoch: take, id: `${kind}/${person}` })
        const scene = stage(picture, Math.round(draw.between(...side)), draw)
        const light = kind === 'fake' ? recapture(scene, draw) : scene
        const bytes = await encodeJpeg(photograph(light, draw), Math.round(draw.between(75, 95)))
        await writeFile(join(folder, kind, `${person}_${take}.jpg`), bytes)
      }
    }
  }
}

const EXAMPLE = new URL('../../examples/face.jpg', import.meta.url)

/** So many persons, all made of the one photograph that stands in the repository. */
export async function makePersons(count: number): Promise<readonly FacePhotograph[]> {
  const picture = await decodeImage(new Uint8Array(await readFile(EXAMPLE)))
  return Array.from({ length: count }, (_, i) => disguise({ person: 'example', picture }, i))
}

/** Another person, as far as a test is concerned: other proportions, complexion and side. */
function disguise({ person, picture }: FacePhotograph, number: number): FacePhotograph {
  const draw = createDraw({ seed: 7, epoch: number, id: person })
  const width = Math.round(picture.width * draw.between(0.85, 1.15))
  const height = Math.round(picture.height * draw.between(0.85, 1.15))
  const still = toAffineMap({ theta: 0, tx: 0, ty: 0, shear: 0, zx: 1, zy: 1 }, width, height)
  const levels = warpPicture(resizeLinear(picture, width, height), still, draw.chance(0.5))
  const cast = [draw.between(0.8, 1), draw.between(0.8, 1), draw.between(0.8, 1)] as const
  return { person: `p${number}`, picture: applyGamma(levels, draw.between(0.7, 1.6), cast) }
}

/** Stands a little nearer or farther, straighter or not. */
function stage(picture: Picture, side: number, draw: Draw): Levels {
  const shrink = side / Math.max(picture.width, picture.height)
  const width = Math.round(picture.width * shrink)
  const height = Math.round(picture.height * shrink)
  const zoom = draw.between(0.92, 1.06)
  const map = toAffineMap(
    {
      theta: draw.between(-6, 6),
      tx: draw.between(-0.03, 0.03) * height,
      ty: draw.between(-0.03, 0.03) * width,
      ...{ shear: 0, zx: zoom, zy: zoom },
    },
    width,
    height,
  )
  return warpPicture(resizeLinear(picture, width, height), map, draw.chance(0.5))
}

/** The room's light, the lens and the sensor. */
function photograph(levels: Levels, draw: Draw): Picture {
  const seen = blur(levels, draw.between(0, 0.8))
  const noise = draw.between(1, 5)
  // Nearly normal, and much quicker than a draw for each level.
  const random = createRandom(draw.integer(2 ** 31))
  for (let at = 0; at < seen.data.length; at++) {
    seen.data[at] = clip(seen.data[at]! + noise * 1.7 * (random() + random() + random() - 1.5))
  }
  const cast = [draw.between(0.88, 1), draw.between(0.92, 1), draw.between(0.85, 1)] as const
  return applyGamma(seen, draw.between(0.75, 1.35), cast)
}

/** What a screen or a sheet of paper makes of a face: flatter contrast, a cast, a grid that beats with the sensor's. */
function recapture(levels: Levels, draw: Draw): Levels {
  const { width, height } = levels
  const isScreen = draw.chance(0.6)
  const soft = blur(levels, draw.between(0.4, 1.1))
  const data = soft.data.slice()
  const [black, white] = [draw.between(8, 35), draw.between(190, 240)]
  const cast = isScreen ? [0.92, 0.98, 1.06] : [1.04, 0.99, 0.9]
  const period = isScreen ? draw.between(2.3, 4.5) : draw.between(3, 6)
  const angle = draw.between(-0.5, 0.5)
  const depth = isScreen ? draw.between(0.03, 0.09) : draw.between(0.02, 0.06)
  const [cos, sin] = [Math.cos(angle) / period, Math.sin(angle) / period]
  const glare = {
    x: draw.uniform() * width,
    y: draw.uniform() * height,
    light: draw.between(0, 40),
  }
  const reach = (0.25 * width) ** 2
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [along, across] = [x * cos + y * sin, y * cos - x * sin]
      const far = ((x - glare.x) ** 2 + (y - glare.y) ** 2) / reach
      const shine = glare.light * Math.exp(-far)
      for (let c = 0; c < 3; c++, at++) {
        // A screen's stripes are of one colour each; a print's dots of all.
        const phase = isScreen ? c / 3 : 0
        const grid = Math.cos(2 * Math.PI * (along + phase)) + Math.cos(2 * Math.PI * across)
        const level = black + (data[at]! / 255) * (white - black)
        data[at] = clip(level * cast[c]! * (1 + depth * grid) + shine)
      }
    }
  }
  return { width, height, data }
}
