import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createDraw, philox } from './counter-random.ts'

test("the known answers of Philox' authors", () => {
  const all = 0xffffffff
  const known = [
    [[0, 0, 0, 0, 0, 0], '6627e8d5e169c58dbc57ac4c9b00dbd8'],
    [[all, all, all, all, all, all], '408f276d41c83b0ea20bc7c66d5451fd'],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0],
      'd16cfe0994fdcceb5001e42024126ea1',
    ],
  ] as const
  for (const [[c0, c1, c2, c3, k0, k1], expected] of known) {
    const out = new Uint32Array(4)
    philox(out, c0, c1, c2, c3, k0, k1)
    const text = Array.from(out, (word) => word.toString(16).padStart(8, '0')).join('')
    assert.equal(text, expected)
  }
})

test('numbers depend on seed, epoch and row, and on nothing else', () => {
  const key = { seed: 42, epoch: 3, id: 'a/1.jpg' }
  const draw = (change: Partial<typeof key> = {}) => {
    const { uniform } = createDraw({ ...key, ...change })
    return Array.from({ length: 9 }, uniform)
  }
  assert.deepEqual(draw(), draw())
  for (const change of [{ seed: 43 }, { seed: 42 + 2 ** 32 }, { epoch: 4 }, { id: 'a/2.jpg' }]) {
    assert.notDeepEqual(draw(change), draw())
  }
})

test('uniform and normal have the moments that they should', () => {
  const { uniform, normal, integer } = createDraw({ seed: 1, epoch: 0, id: 'x' })
  const n = 100_000
  const moments = (next: () => number) => {
    const values = Array.from({ length: n }, next)
    const mean = values.reduce((a, b) => a + b) / n
    return [mean, values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / n] as const
  }
  const [mean, variance] = moments(uniform)
  assert.ok(Math.abs(mean - 0.5) < 0.005 && Math.abs(variance - 1 / 12) < 0.002)
  const [zero, one] = moments(normal)
  assert.ok(Math.abs(zero) < 0.015 && Math.abs(one - 1) < 0.02)
  assert.equal(new Set(Array.from({ length: 200 }, () => integer(7))).size, 7)
})
