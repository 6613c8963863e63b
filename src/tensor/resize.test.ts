// Against values of Pillow and OpenCV, made by scripts/reference/images/make.py.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Picture } from './picture.ts'
import { type PillowFilter, resize } from './resize.ts'
import { resizeLinear } from './resize-linear.ts'

interface Case {
  readonly source: number
  readonly width: number
  readonly height: number
  readonly box: readonly [number, number, number, number] | null
  readonly filter: PillowFilter | 'opencv'
  readonly data: string
}

const fixture = JSON.parse(
  readFileSync(new URL('./fixtures/resize.json', import.meta.url), 'utf8'),
) as {
  sources: { width: number; height: number; data: string }[]
  cases: Case[]
}
const sources = fixture.sources.map(
  ({ width, height, data }): Picture => ({ width, height, data: Buffer.from(data, 'base64') }),
)

for (const { source, width, height, box, filter, data } of fixture.cases) {
  const picture = sources[source]!
  const from = `${picture.width}×${picture.height}`
  const expected = Buffer.from(data, 'base64')
  if (filter === 'opencv') {
    test(`${from} → ${width}×${height} as OpenCV, within one level`, () => {
      assert.ok(distance(resizeLinear(picture, width, height).data, expected) <= 1)
    })
  } else {
    test(`${from} → ${width}×${height} ${filter} ${box ?? ''} as Pillow, equal`, () => {
      const options = box === null ? { filter } : { filter, box }
      assert.equal(distance(resize(picture, width, height, options).data, expected), 0)
    })
  }
}

test('bicubic is the default filter', () => {
  const picture = sources[0]!
  assert.deepEqual(resize(picture, 9, 9), resize(picture, 9, 9, { filter: 'bicubic' }))
})

test('one colour stays that colour at every size and with every filter', () => {
  const filters: PillowFilter[] = ['nearest', 'box', 'bilinear', 'hamming', 'bicubic', 'lanczos']
  const size = fc.integer({ min: 1, max: 70 })
  const level = fc.integer({ min: 0, max: 255 })
  fc.assert(
    fc.property(size, size, size, size, level, (width, height, toWidth, toHeight, value) => {
      const picture = { width, height, data: new Uint8Array(width * height * 3).fill(value) }
      const results = filters.map((filter) => resize(picture, toWidth, toHeight, { filter }))
      for (const { data } of [...results, resizeLinear(picture, toWidth, toHeight)]) {
        assert.equal(data.length, toWidth * toHeight * 3)
        assert.ok(data.every((byte) => byte === value))
      }
    }),
  )
})

test('a result does not depend on what was resized before', () => {
  const first = resize(sources[0]!, 20, 15).data
  resize(sources[1]!, 200, 300, { filter: 'lanczos' })
  resizeLinear(sources[2]!, 500, 100)
  assert.deepEqual(resize(sources[0]!, 20, 15).data, first)
})

test('a picture too large for one stripe comes out as its columns alone do', () => {
  const [width, height, slice] = [1500, 2600, 100]
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 7 + (i >> 9)) % 256)
  const rows = resize({ width, height, data }, width, 40).data
  const left = width - slice
  const part = new Uint8Array(slice * height * 3)
  for (let y = 0; y < height; y++) {
    const from = (y * width + left) * 3
    part.set(data.subarray(from, from + slice * 3), y * slice * 3)
  }
  const alone = resize({ width: slice, height, data: part }, slice, 40).data
  for (let y = 0; y < 40; y++) {
    const from = (y * width + left) * 3
    const expected = alone.subarray(y * slice * 3, (y + 1) * slice * 3)
    assert.deepEqual(rows.subarray(from, from + slice * 3), expected)
  }
})

test('impossible sizes and boxes are refused', () => {
  const picture = sources[0]!
  assert.throws(() => resize(picture, 0, 5), RangeError)
  assert.throws(() => resize(picture, 5, 1.5), RangeError)
  assert.throws(() => resize({ ...picture, width: 36 }, 5, 5), RangeError)
  assert.throws(() => resize(picture, 5, 5, { box: [0, 0, 38, 5] }), RangeError)
  assert.throws(() => resize(picture, 5, 5, { box: [3, 0, 3, 5] }), RangeError)
  assert.throws(() => resizeLinear(picture, 5, Number.NaN), RangeError)
})

function distance(actual: Uint8Array, expected: Uint8Array): number {
  assert.equal(actual.length, expected.length)
  return actual.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!)), 0)
}
