import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import type { Manifest } from '../manifest.ts'
import { createGraph } from '../onnx/graph.ts'
import { createLinearTextGraph, readLinearTextGraph } from '../onnx/linear-text-graph.ts'
import { writeModel } from '../onnx/model.ts'
import type { LinearText } from '../tensor/text/linear-text.ts'
import { openLinearText } from './inline-linear.ts'
import { loadSession } from './runtime.ts'

const manifest = {} as Manifest
const shape = fc.record({
  terms: fc.integer({ min: 1, max: 40 }),
  classes: fc.integer({ min: 2, max: 9 }),
  members: fc.integer({ min: 1, max: 4 }),
  link: fc.constantFrom('sigmoid', 'softmax'),
  rows: fc.integer({ min: 1, max: 5 }),
  width: fc.integer({ min: 1, max: 12 }),
  scale: fc.constantFrom(1, 10, 1000),
  seed: fc.integer(),
})

test('in place equals onnxruntime', async () => {
  await fc.assert(
    fc.asyncProperty(shape, async ({ terms, classes, members, link, rows, width, scale, seed }) => {
      const next = wave(seed)
      const model: LinearText = {
        ...{ terms, classes, members, link },
        weight: Float32Array.from({ length: terms * classes * members }, () => next() * scale),
        bias: Float32Array.from({ length: classes * members }, next),
      }
      const bytes = writeModel(createLinearTextGraph(model))
      const feeds = {
        ids: {
          ...{ type: 'int64' as const, dims: [rows, width] },
          data: BigInt64Array.from({ length: rows * width }, () =>
            BigInt(Math.floor(Math.abs(next()) * terms)),
          ),
        },
        weights: {
          ...{ type: 'float32' as const, dims: [rows, width] },
          data: Float32Array.from({ length: rows * width }, next),
        },
      }
      const session = await loadSession(bytes, { threads: 1 })
      const expected = (await session.run(feeds)).probabilities!
      await session.release()
      const actual = openLinearText(bytes, manifest)!.run(feeds).probabilities!
      assert.deepEqual(actual.dims, expected.dims)
      // Float32 sums of large terms differ in their order; probabilities then differ with them.
      const tolerance = scale === 1 ? 1e-6 : scale * 1e-5
      for (const [i, value] of (expected.data as Float32Array).entries()) {
        assert.ok(
          Math.abs(value - Number(actual.data[i])) <= tolerance,
          `${value} ${actual.data[i]}`,
        )
      }
    }),
    { numRuns: 60 },
  )
})

test('another graph is left to onnxruntime; an unknown id is refused', () => {
  const other = createGraph('other')
  const x = other.input('x', 'float32', ['N'])
  other.output(other.node('Neg', [x]), 'y', 'float32', ['N'])
  assert.equal(openLinearText(writeModel(other.build()), manifest), null)
  const model: LinearText = {
    ...{ terms: 1, classes: 2, members: 1, link: 'sigmoid' },
    ...{ weight: new Float32Array(2), bias: new Float32Array(2) },
  }
  assert.deepEqual(readLinearTextGraph(createLinearTextGraph(model)), model)
  const graph = openLinearText(writeModel(createLinearTextGraph(model)), manifest)!
  const ids = { type: 'int64' as const, dims: [1, 1], data: BigInt64Array.of(1n) }
  const weights = { type: 'float32' as const, dims: [1, 1], data: Float32Array.of(1) }
  assert.throws(() => graph.run({ ids, weights }), RangeError)
})

/** Numbers between −1 and 1, the same for a seed. */
function wave(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return (state / 2 ** 32) * 1.999 - 0.9995
  }
}
