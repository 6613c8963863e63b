import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Json } from '../../json.ts'
import { toCropSpec } from './crop-spec.ts'

const file = { name: 'detector.onnx', sha256: '', bytes: 1 }
const read = (crop: Json, role = 'detector') =>
  toCropSpec({ decode: { crop }, files: { [role]: file } })

test('without a crop the picture is taken whole', () => {
  assert.equal(toCropSpec({ decode: {}, files: {} }), null)
  assert.equal(read(null), null)
})

test('what is left out is the bundled model’s', () => {
  assert.deepEqual(read({}), {
    scale: 1.5,
    borders: ['edge', 'black'],
    detector: 'detector',
    size: 640,
    score: 0.7,
    nms: 0.3,
  })
})

test('what is said counts', () => {
  const crop = { scale: 2.7, borders: ['edge'], detector: 'eye', size: 320, score: 0.5, nms: 0.4 }
  assert.deepEqual(read(crop, 'eye'), crop)
})

const wrong: [crop: Json, field: RegExp][] = [
  [true, /decode\.crop of/],
  [['edge'], /decode\.crop of/],
  [{ detector: 'missing' }, /crop\.detector/],
  [{ detector: 5 }, /crop\.detector/],
  [{ borders: [] }, /crop\.borders/],
  [{ borders: 'edge' }, /crop\.borders/],
  [{ borders: ['mirror'] }, /crop\.borders/],
  [{ size: 100 }, /crop\.size/],
  [{ size: '640' }, /crop\.size/],
  [{ scale: 0 }, /crop\.scale/],
  [{ score: 2 }, /crop\.score/],
  [{ nms: 'low' }, /crop\.nms/],
]
for (const [crop, field] of wrong) {
  test(`${JSON.stringify(crop)} names the field that is wrong`, () => {
    assert.throws(() => read(crop), { name: 'TypeError', message: field })
  })
}
