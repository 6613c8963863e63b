// The sketch's promise: within its accuracy of NumPy's percentile, in bounded memory, whatever the order.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  addToSketch,
  emptySketch,
  SKETCH_ACCURACY,
  SKETCH_BUCKETS,
  type Sketch,
  scaleSketch,
  sketchQuantile,
} from './quantile-sketch.ts'

const fixture = JSON.parse(
  readFileSync(new URL('fixtures/dynamic-threshold.json', import.meta.url), 'utf8'),
) as { cases: { name: string; errors: number[]; p99_lower: number; p50_lower: number }[] }

const sketchOf = (values: readonly number[]): Sketch =>
  values.reduce((sketch, value) => addToSketch(sketch, value), emptySketch)

function assertWithin(bound: number, exact: number): void {
  assert.ok(bound >= exact, `${bound} is below ${exact}`)
  assert.ok(bound <= exact * (1 + SKETCH_ACCURACY + 1e-9), `${bound} is far above ${exact}`)
}

for (const { name, errors, p99_lower, p50_lower } of fixture.cases) {
  test(`quantiles lie within half a percent above NumPy's (${name})`, () => {
    const sketch = sketchOf(errors)
    assertWithin(sketchQuantile(sketch, 0.99), p99_lower)
    assertWithin(sketchQuantile(sketch, 0.5), p50_lower)
  })
}

const positive = fc.double({ min: 1e-6, max: 1e6, noNaN: true })

test('any quantile of any numbers within four decades', () => {
  const values = fc.array(fc.double({ min: 0.01, max: 100, noNaN: true }), { minLength: 1 })
  fc.assert(
    fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (numbers, quantile) => {
      const sorted = numbers.toSorted((a, b) => a - b)
      const exact = sorted[Math.floor(quantile * (sorted.length - 1) + 1e-9)]!
      assertWithin(sketchQuantile(sketchOf(numbers), quantile), exact)
    }),
  )
})

test('memory is bounded and the highest numbers stay exact over eighteen decades', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1 }), (v) => {
      const sketch = sketchOf(v)
      assert.ok(sketch.counts.length <= SKETCH_BUCKETS)
      assert.equal(
        sketch.counts.reduce((sum, count) => sum + count, 0),
        v.length,
      )
      assertWithin(sketchQuantile(sketch, 1), Math.max(1e-12, ...v))
    }),
  )
})

test('the order does not matter, and JSON carries it', () => {
  fc.assert(
    fc.property(fc.array(positive, { minLength: 1, maxLength: 60 }), (values) => {
      const sketch = sketchOf(values)
      const turned = sketchOf(values.toReversed())
      assert.equal(sketchQuantile(turned, 0.9), sketchQuantile(sketch, 0.9))
      assert.deepEqual(JSON.parse(JSON.stringify(sketch)), sketch)
    }),
  )
})

test('scaling all weights leaves the quantiles', () => {
  const sketch = sketchOf(fixture.cases[0]!.errors)
  const halved = scaleSketch(sketch, 0.5)
  assert.equal(halved.total, sketch.total / 2)
  const change = sketchQuantile(halved, 0.99) / sketchQuantile(sketch, 0.99) - 1
  assert.ok(Math.abs(change) < 0.01, `the quantile moved by ${change}`)
})

test('an empty sketch has no quantiles', () => {
  assert.throws(() => sketchQuantile(emptySketch, 0.5), RangeError)
})
