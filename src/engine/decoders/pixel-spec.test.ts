import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toPixelSpec } from './pixel-spec.ts'

const size = { width: 8, height: 6 }

test('only the size is needed', () => {
  assert.deepEqual(toPixelSpec(size), {
    ...size,
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
  })
})

test("OpenCV's filter is bilinear", () => {
  assert.equal(toPixelSpec({ ...size, implementation: 'opencv' }).filter, 'bilinear')
})

test('one number stands for the three channels', () => {
  const { mean, std } = toPixelSpec({ ...size, mean: 127.5, std: [1, 2, 3] })
  assert.deepEqual(
    [mean, std],
    [
      [127.5, 127.5, 127.5],
      [1, 2, 3],
    ],
  )
})

test('what does not fit is refused by name', () => {
  const bad = {
    width: { width: 0 },
    height: { height: '6' },
    filter: { filter: 'cubic' },
    order: { order: 'rgb' },
    layout: { layout: 'HWC' },
    implementation: { implementation: 'vips' },
    dtype: { dtype: 'float16' },
    scale: { scale: '1/255' },
    mean: { mean: [1, 2] },
    std: { std: [1, 0, 1] },
    center_crop: { center_crop: 0 },
  }
  for (const [field, change] of Object.entries(bad)) {
    const pattern = new RegExp(`^TypeError: decode\\.${field} `)
    assert.throws(() => toPixelSpec({ ...size, ...change }), pattern)
  }
  const lanczos = { ...size, implementation: 'opencv', filter: 'lanczos' }
  assert.throws(() => toPixelSpec(lanczos), /decode\.filter/)
})
