import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type PixelSpec, toLevels, toPixelTensor } from './pixel-tensor.ts'
import { resize } from './resize.ts'

const picture = { width: 2, height: 1, data: Uint8Array.from([10, 20, 30, 40, 50, 255]) }
const spec: PixelSpec = {
  width: 2,
  height: 1,
  implementation: 'pillow',
  filter: 'bicubic',
  centerCrop: null,
  order: 'RGB',
  layout: 'NHWC',
  scale: 1,
  offset: 0,
  mean: [0, 0, 0],
  std: [1, 1, 1],
  dtype: 'float32',
}

test('channels last and first, red first and blue first', () => {
  const of = (change: Partial<PixelSpec>) => {
    const { dims, data } = toLevels(picture, { ...spec, ...change })
    return [dims, [...data]]
  }
  assert.deepEqual(of({}), [
    [1, 1, 2, 3],
    [10, 20, 30, 40, 50, 255],
  ])
  assert.deepEqual(of({ order: 'BGR' }), [
    [1, 1, 2, 3],
    [30, 20, 10, 255, 50, 40],
  ])
  assert.deepEqual(of({ layout: 'NCHW' }), [
    [1, 3, 1, 2],
    [10, 40, 20, 50, 30, 255],
  ])
  assert.deepEqual(of({ layout: 'NCHW', order: 'BGR' }), [
    [1, 3, 1, 2],
    [30, 255, 20, 50, 10, 40],
  ])
})

test('a division by 255 equals that of 32-bit floats at every level', () => {
  const data = Uint8Array.from({ length: 768 }, (_, i) => i % 256)
  const all = { width: 256, height: 1, data }
  const values = toLevels(all, { ...spec, scale: 1 / 255 }).data
  for (const [i, level] of data.entries()) assert.equal(values[i], Math.fround(level / 255))
})

test('scale and offset, then mean and deviation of each channel in the model order', () => {
  const { data } = toLevels(picture, {
    ...spec,
    order: 'BGR',
    scale: 0.5,
    offset: 1,
    mean: [1, 2, 3],
    std: [1, 2, 4],
  })
  assert.deepEqual([...data.subarray(0, 3)], [15, 4.5, 0.75])
})

test('levels as they are for a model that takes bytes', () => {
  const { type, data } = toLevels(picture, { ...spec, dtype: 'uint8' })
  assert.equal(type, 'uint8')
  assert.deepEqual(data, picture.data)
})

test('the central square is resized alone', () => {
  const width = 40
  const height = 20
  const wide = { width, height, data: Uint8Array.from({ length: 2400 }, (_, i) => (i * 7) % 256) }
  const sized = { ...spec, width: 8, height: 8, dtype: 'uint8' } as const
  const box = [12, 2, 28, 18] as const
  assert.deepEqual(
    toPixelTensor(wide, { ...sized, centerCrop: 0.8 }).data,
    resize(wide, 8, 8, { box }).data,
  )
  assert.deepEqual(toPixelTensor(wide, sized).data, resize(wide, 8, 8).data)
})
