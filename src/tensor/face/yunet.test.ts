import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { Tensor } from '../tensor.ts'
import { detectedFaces, largestFace } from './yunet.ts'

type Cell = [stride: number, index: number, cls: number, obj: number, ...box: number[]]

interface Fixture {
  size: number
  nms: number
  topK: number
  cases: { name: string; score: number; cells: Cell[]; boxes: number[][] }[]
}

const fixture: Fixture = JSON.parse(
  readFileSync(new URL('fixtures/yunet.json', import.meta.url), 'utf8'),
)
const { size, nms, topK } = fixture

/** The network's outputs with all cells that the fixture leaves out at zero. */
function outputsOf(cells: readonly Cell[]): Record<string, Tensor> {
  const outputs: Record<string, Tensor> = {}
  for (const stride of [8, 16, 32]) {
    const count = (size / stride) ** 2
    const cls = new Float32Array(count)
    const obj = new Float32Array(count)
    const bbox = new Float32Array(count * 4)
    for (const [of, index, c, o, ...box] of cells) {
      if (of !== stride) continue
      cls[index] = c
      obj[index] = o
      bbox.set(box, index * 4)
    }
    outputs[`cls_${stride}`] = { type: 'float32', dims: [1, count, 1], data: cls }
    outputs[`obj_${stride}`] = { type: 'float32', dims: [1, count, 1], data: obj }
    outputs[`bbox_${stride}`] = { type: 'float32', dims: [1, count, 4], data: bbox }
  }
  return outputs
}

for (const { name, score, cells, boxes } of fixture.cases) {
  test(`${name} at ${score}: the boxes of cv2.FaceDetectorYN`, () => {
    const options = { size, scoreThreshold: score, nmsThreshold: nms, topK }
    const faces = detectedFaces(outputsOf(cells), options)
    assert.equal(faces.length, boxes.length)
    faces.forEach((face, i) => {
      const ours = [face.x, face.y, face.width, face.height, face.score]
      for (const [k, value] of ours.entries()) {
        assert.ok(Math.abs(value - boxes[i]![k]!) < 1e-3, `${ours} is not ${boxes[i]}`)
      }
    })
  })
}

test('a score of exactly the threshold counts only where nothing has to be suppressed, as in OpenCV', () => {
  const cell: Cell = [8, 5, 0.25, 1, 0, 0, 1, 1]
  const options = { size, scoreThreshold: 0.5 }
  assert.equal(detectedFaces(outputsOf([cell]), options).length, 1)
  const far: Cell = [8, 3000, 0.5, 1, 0, 0, 1, 1]
  assert.equal(detectedFaces(outputsOf([cell, far]), options).length, 1)
})

test('scores outside 0..1 are clamped and NaN is no face', () => {
  const one = (cls: number, obj: number): readonly { score: number }[] =>
    detectedFaces(outputsOf([[8, 5, cls, obj, 0, 0, 1, 1]]), { size })
  assert.equal(one(3, 2)[0]?.score, 1)
  assert.equal(one(-1, -1).length, 0)
  assert.equal(one(Number.NaN, 1).length, 0)
})

test('a detector with other outputs is named, not guessed at', () => {
  assert.throws(() => detectedFaces({}, { size }), /cls_8/)
  assert.throws(() => detectedFaces(outputsOf([]), { size: 320 }), RangeError)
})

test('the largest face is chosen by its area, whatever its score', () => {
  const face = { x: 0, y: 0, width: 10, height: 10, score: 0.9 }
  const larger = { ...face, height: 11, score: 0.7 }
  assert.equal(largestFace([face, larger, face]), larger)
  assert.equal(largestFace([]), null)
})
