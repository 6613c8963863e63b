import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Border } from './crop.ts'
import { isInside, resizeSquare, squareAround } from './crop.ts'
import { fromLetterbox, toLetterbox } from './letterbox.ts'

interface Fixture {
  width: number
  height: number
  picture: number[]
  cases: {
    box: [number, number, number, number]
    square: [number, number, number]
    inside: boolean
    border: Border
    size: number
    pixels: number[]
  }[]
}

const fixture: Fixture = JSON.parse(
  readFileSync(new URL('fixtures/crop.json', import.meta.url), 'utf8'),
)
const { width, height } = fixture
const picture = { width, height, data: Uint8Array.from(fixture.picture) }

for (const { box, square, inside, border, size, pixels } of fixture.cases) {
  test(`box ${box} at ${size}, ${border}: the pixels of cv2`, () => {
    const [x, y, w, h] = box
    const ours = squareAround({ x, y, width: w, height: h }, 1.5)
    assert.deepEqual([ours.left, ours.top, ours.side], square)
    assert.equal(isInside(ours, picture), inside)
    const { data } = resizeSquare(picture, ours, size, size, border)
    const worst = data.reduce((most, value, i) => Math.max(most, Math.abs(value - pixels[i]!)), 0)
    assert.ok(worst <= 1, `${worst} levels off`)
  })
}

test('inside the picture the border does not matter', () => {
  const inner = fc.record({
    left: fc.integer({ min: 0, max: 15 }),
    top: fc.integer({ min: 0, max: 15 }),
    side: fc.integer({ min: 1, max: 15 }),
  })
  fc.assert(
    fc.property(inner, fc.integer({ min: 1, max: 40 }), (square, size) => {
      assert.ok(isInside(square, picture))
      const [edge, black] = (['edge', 'black'] as const).map((border) =>
        resizeSquare(picture, square, size, size, border),
      )
      assert.deepEqual(edge, black)
    }),
  )
})

test('a square far outside is the nearest pixel, or black', () => {
  const away = { left: -500, top: -500, side: 40 }
  const corner = [...picture.data.subarray(0, 3)]
  assert.deepEqual([...resizeSquare(picture, away, 1, 1, 'edge').data], corner)
  assert.deepEqual([...resizeSquare(picture, away, 1, 1, 'black').data], [0, 0, 0])
})

test('a letterbox keeps a small picture as it is, blue first, black around it', () => {
  const { tensor, scaleX, scaleY } = toLetterbox(picture, 64)
  assert.deepEqual(tensor.dims, [1, 3, 64, 64])
  assert.deepEqual([scaleX, scaleY], [1, 1])
  for (let y = 0; y < 64; y += 1) {
    for (let x = 0; x < 64; x += 1) {
      const rgb = [0, 1, 2].map((c) => tensor.data[(2 - c) * 64 * 64 + y * 64 + x])
      const at = (y * width + x) * 3
      const expected = x < width && y < height ? [...picture.data.subarray(at, at + 3)] : [0, 0, 0]
      assert.deepEqual(rgb, expected)
    }
  }
})

test('a large picture is shrunk, and boxes find their way back', () => {
  const large = { width: 300, height: 100, data: new Uint8Array(300 * 100 * 3).fill(200) }
  const box = toLetterbox(large, 96)
  assert.deepEqual([box.scaleX, box.scaleY], [96 / 300, 32 / 100])
  assert.equal(box.tensor.data[31 * 96 + 95], 200)
  assert.equal(box.tensor.data[32 * 96], 0)
  const face = { x: 9.6, y: 16, width: 96, height: 32, score: 0.8 }
  const back = fromLetterbox(face, box)
  assert.deepEqual([back.x, back.width, back.height].map(Math.round), [30, 300, 100])
  assert.equal(back.score, 0.8)
})

test('a picture of one row keeps at least one row', () => {
  const thin = { width: 2000, height: 1, data: new Uint8Array(6000).fill(9) }
  assert.equal(toLetterbox(thin, 64).tensor.data[0], 9)
})
