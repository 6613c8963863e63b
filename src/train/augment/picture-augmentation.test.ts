import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toLevels } from './affine.ts'
import { blur } from './blur.ts'
import { applyGamma, jitterColour } from './colour.ts'
import { createDraw, type Draw } from './counter-random.ts'
import {
  augmentPicture,
  DOG_GEOMETRY,
  drawGeometry,
  FACE_CAMERA,
  type PictureAugmentation,
} from './picture-augmentation.ts'
import { ERASING_DEFAULTS, eraseRandomly } from './random-erasing.ts'

const picture = {
  width: 40,
  height: 30,
  data: Uint8Array.from({ length: 40 * 30 * 3 }, (_, i) => (i * 7 + (i >> 5)) % 256),
}

const draw = (id = 'row'): Draw => createDraw({ seed: 1, epoch: 2, id })

const EVERYTHING: PictureAugmentation = {
  geometry: DOG_GEOMETRY,
  camera: { ...FACE_CAMERA, probability: 1 },
  colour: { brightness: 0.3, contrast: 0.3, saturation: 0.3 },
  erasing: { ...ERASING_DEFAULTS, probability: 1 },
}

test('a view depends on its numbers alone, and stays within levels', async () => {
  const views = await Promise.all([
    augmentPicture(picture, EVERYTHING, draw()),
    augmentPicture(picture, EVERYTHING, draw()),
    augmentPicture(picture, EVERYTHING, draw('another')),
  ])
  assert.deepEqual(views[0], views[1])
  assert.notDeepEqual(views[0], views[2])
  assert.ok(views.every(({ data }) => data.every((level) => level >= 0 && level <= 255)))
})

test('nothing asked for, nothing changed', async () => {
  const same = await augmentPicture(picture, {}, draw())
  assert.deepEqual(same.data, Float32Array.from(picture.data))
  const still = {
    rotation: 0,
    widthShift: 0,
    heightShift: 0,
    shear: 0,
    zoom: 0,
    horizontalFlip: false,
  }
  const warped = await augmentPicture(picture, { geometry: still }, draw())
  assert.ok(warped.data.every((level, i) => Math.abs(level - picture.data[i]!) < 1e-3))
})

test("parameters fill Keras' ranges", () => {
  const all = Array.from({ length: 4000 }, (_, i) =>
    drawGeometry(DOG_GEOMETRY, 100, 50, draw(`${i}`)),
  )
  const range = (key: 'theta' | 'tx' | 'ty' | 'shear' | 'zx' | 'zy') => {
    const values = all.map((parameters) => parameters[key])
    return [Math.min(...values), Math.max(...values)].map((value) => Math.round(value * 20) / 20)
  }
  assert.deepEqual(range('theta').map(Math.round), [-20, 20])
  assert.deepEqual(range('tx').map(Math.round), [-10, 10])
  assert.deepEqual(range('ty').map(Math.round), [-20, 20])
  assert.deepEqual(range('shear'), [-0.2, 0.2])
  assert.deepEqual(range('zx'), [0.8, 1.2])
  const flips = all.filter(({ flipHorizontal }) => flipHorizontal).length
  assert.ok(Math.abs(flips - 2000) < 150)
})

test('blur keeps an even picture and the mean of any other', () => {
  const even = toLevels({ width: 9, height: 7, data: new Uint8Array(9 * 7 * 3).fill(90) })
  assert.ok(blur(even, 1.3).data.every((level) => Math.abs(level - 90) < 1e-3))
  const point = { width: 21, height: 21, data: new Float32Array(21 * 21 * 3) }
  point.data[(10 * 21 + 10) * 3 + 1] = 255
  const spread = blur(point, 1).data
  assert.ok(Math.abs(spread.reduce((a, b) => a + b) - 255) < 0.1)
  // The peak of a normal distribution in two dimensions, cut at three sigma.
  assert.ok(Math.abs(spread[(10 * 21 + 10) * 3 + 1]! / 255 - 1 / (2 * Math.PI)) < 0.003)
})

test('gamma and cast by their formulas', () => {
  const levels = { width: 1, height: 1, data: Float32Array.of(64, 128, 255) }
  const { data } = applyGamma(levels, 2, [1, 2, 0.5])
  assert.deepEqual([...data], [Math.round(64 ** 2 / 255), Math.round((2 * 128 ** 2) / 255), 128])
})

test('grey stays grey under colour jitter; erasing covers the part that it should', () => {
  const grey = toLevels({ width: 20, height: 20, data: new Uint8Array(1200).fill(100) })
  jitterColour(grey, { brightness: 0.5, contrast: 0.5, saturation: 0.9 }, draw())
  assert.ok(grey.data.every((level) => Math.abs(level - grey.data[0]!) < 1e-3))
  assert.notEqual(grey.data[0], 100)
  for (let i = 0; i < 50; i++) {
    const empty = { width: 60, height: 60, data: new Float32Array(60 * 60 * 3).fill(-1) }
    eraseRandomly(empty, { ...ERASING_DEFAULTS, probability: 1 }, draw(`${i}`))
    const part = empty.data.filter((level) => level !== -1).length / empty.data.length
    assert.ok(part > 0.01 && part < 0.36, `${part}`)
  }
})
