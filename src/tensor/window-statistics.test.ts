// Window statistics against pandas' values, and the invariances that any such statistic has.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  FEATURE_COUNT,
  seriesStatistics,
  type Window,
  windowFeatures,
} from './window-statistics.ts'

interface Case extends Window {
  readonly kind: string
  readonly features: readonly number[]
}

const fixture = JSON.parse(
  readFileSync(new URL('fixtures/window-statistics.json', import.meta.url), 'utf8'),
) as { cases: readonly Case[] }

/** Relative to the size of the value, or of the signal where a value is a difference of larger ones. */
function assertClose(actual: number, expected: number, scale: number, what: string): void {
  const bound = 1e-9 * Math.abs(expected) + 1e-14 * scale
  assert.ok(Math.abs(actual - expected) <= bound, `${what}: ${actual} is not ${expected}`)
}

for (const [index, item] of fixture.cases.entries()) {
  test(`the 24 features equal pandas' (${item.kind}, ${index})`, () => {
    const row = windowFeatures(item)
    assert.equal(row.length, FEATURE_COUNT)
    for (const [i, expected] of item.features.entries()) {
      const scale = i < 4 || (i - 4) % 5 < 3 ? Math.abs(item.features[i]!) + 1 : 1
      assertClose(row[i]!, expected, scale, `feature ${i}`)
    }
  })
}

const series = fc
  .array(fc.integer({ min: -1_000_000, max: 1_000_000 }), { minLength: 24, maxLength: 24 })
  .map((values) => values.map((value) => value / 1000))
const spread = series.filter((values) => seriesStatistics(values).std > 0.01)

test('a shift moves the mean only, a scale leaves the shape alone, a negation turns the skewness', () => {
  fc.assert(
    fc.property(spread, fc.integer({ min: -1000, max: 1000 }), (values, shift) => {
      const base = seriesStatistics(values)
      const moved = seriesStatistics(values.map((value) => value + shift))
      const scaled = seriesStatistics(values.map((value) => value * 8))
      const turned = seriesStatistics(values.map((value) => -value))
      const near = (a: number, b: number): void =>
        assert.ok(Math.abs(a - b) <= 1e-6 * (1 + Math.abs(b)), `${a} is not ${b}`)
      near(moved.mean, base.mean + shift)
      near(moved.std, base.std)
      near(moved.lastMinusMean, base.lastMinusMean)
      near(moved.skewness, base.skewness)
      near(moved.kurtosis, base.kurtosis)
      // Powers of two scale without rounding.
      assert.equal(scaled.skewness, base.skewness)
      assert.equal(scaled.kurtosis, base.kurtosis)
      assert.equal(scaled.std, base.std * 8)
      assert.equal(turned.skewness, -base.skewness)
      assert.equal(turned.kurtosis, base.kurtosis)
    }),
  )
})

test('the order of the points matters to last − mean only', () => {
  fc.assert(
    fc.property(spread, (values) => {
      const base = seriesStatistics(values)
      const sorted = seriesStatistics(values.toSorted((a, b) => a - b))
      assert.ok(Math.abs(sorted.kurtosis - base.kurtosis) <= 1e-9 * (1 + Math.abs(base.kurtosis)))
      assert.ok(Math.abs(sorted.skewness - base.skewness) <= 1e-9 * (1 + Math.abs(base.skewness)))
    }),
  )
})

test('a constant signal gives its value and zeros, never NaN', () => {
  fc.assert(
    fc.property(fc.double({ min: -1e9, max: 1e9, noNaN: true }), (value) => {
      const constant = new Float64Array(24).fill(value)
      const row = windowFeatures({
        x: constant,
        y: constant,
        z: constant,
        acceleration: constant,
      })
      assert.ok(row.every(Number.isFinite))
      const { mean, skewness, kurtosis, std } = seriesStatistics(constant)
      assert.ok(Math.abs(mean - value) <= 1e-15 * Math.abs(value))
      assert.ok(std <= 1e-15 * Math.abs(value))
      assert.equal(skewness, 0)
      assert.equal(kurtosis, 0)
    }),
  )
})

test('finite points never give NaN or infinity', () => {
  const point = fc.oneof(
    fc.double({ min: -1e9, max: 1e9, noNaN: true }),
    fc.constantFrom(0, -0, 5e-324, 1e-160, 1e9, -1e9, 1, 1 + 2 ** -52),
  )
  const axis = fc.array(point, { minLength: 24, maxLength: 24 })
  fc.assert(
    fc.property(axis, axis, axis, axis, (x, y, z, acceleration) => {
      assert.ok(windowFeatures({ x, y, z, acceleration }).every(Number.isFinite))
    }),
  )
})

test('rounding noise on a large offset has no shape', () => {
  const values = Array.from({ length: 24 }, (_, i) => 0.98 + (i === 3 ? 2 ** -53 : 0))
  assert.equal(seriesStatistics(values).skewness, 0)
  assert.equal(seriesStatistics(values).kurtosis, 0)
})

test('fewer than four points are refused', () => {
  assert.throws(() => seriesStatistics([1, 2, 3]), RangeError)
})
