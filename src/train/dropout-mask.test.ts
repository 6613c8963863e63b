import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fillDropoutMask } from './dropout-mask.ts'

const LENGTH = 40_000

const mask = (rate: number, ...seed: number[]): Float32Array => {
  const values = new Float32Array(LENGTH)
  fillDropoutMask(values, rate, seed)
  return values
}

test('a mask drops its part, keeps the mean and repeats for the same seed', () => {
  for (const rate of [0.1, 0.5, 0.9]) {
    const values = mask(rate, 7, 0, 0)
    const dropped = values.filter((value) => value === 0).length / LENGTH
    // Five standard deviations of a binomial.
    assert.ok(Math.abs(dropped - rate) < 5 * Math.sqrt((rate * (1 - rate)) / LENGTH), `${dropped}`)
    assert.ok(values.every((value) => value === 0 || value === Math.fround(1 / (1 - rate))))
    assert.deepEqual(mask(rate, 7, 0, 0), values)
  }
})

test('masks of another seed, step or layer, and neighbours, are independent', () => {
  const first = mask(0.5, 7, 3, 1)
  const shifted = Float32Array.from(first, (_, i) => first[(i + 1) % LENGTH]!)
  const others = [
    mask(0.5, 8, 3, 1),
    mask(0.5, 7, 4, 1),
    mask(0.5, 7, 3, 2),
    mask(0.5, 7, 1, 3),
    shifted,
  ]
  for (const other of others) {
    const equal = first.filter((value, i) => value === other[i]).length / LENGTH
    assert.ok(Math.abs(equal - 0.5) < 5 * Math.sqrt(0.25 / LENGTH), `${equal}`)
  }
})
