import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { equalErrorThreshold } from './threshold.ts'

test('kinds that do not overlap are parted in the middle of the gap', () => {
  const { threshold, errorRate } = equalErrorThreshold([0, 0, 1, 1], [0.1, 0.2, 0.6, 0.9])
  assert.equal(errorRate, 0)
  assert.ok(Math.abs(threshold - 0.4) < 1e-12)
})

test('where they overlap as many fakes pass as real faces are refused', () => {
  const isFake = [0, 0, 0, 0, 1, 1, 1, 1]
  const scores = [0.1, 0.2, 0.3, 0.7, 0.4, 0.6, 0.8, 0.9]
  const { threshold, errorRate } = equalErrorThreshold(isFake, scores)
  assert.equal(errorRate, 0.25)
  const refused = scores.filter((score, i) => isFake[i] === 0 && score >= threshold).length
  const passed = scores.filter((score, i) => isFake[i] === 1 && score < threshold).length
  assert.deepEqual([refused, passed], [1, 1])
})

test('one kind alone tells nothing', () => {
  assert.deepEqual(equalErrorThreshold([1, 1], [0.2, 0.3]), { threshold: 0.5, errorRate: null })
})

test('the two rates differ by no more than one row of each kind weighs', () => {
  const row = fc.record({ fake: fc.boolean(), score: fc.integer({ min: 0, max: 1e6 }) })
  const rows = fc.uniqueArray(row, { minLength: 2, selector: ({ score }) => score })
  fc.assert(
    fc.property(rows, (all) => {
      const kinds = all.map(({ fake }) => Number(fake))
      const fakes = kinds.reduce((sum, kind) => sum + kind, 0)
      fc.pre(fakes > 0 && fakes < all.length)
      const scores = all.map(({ score }) => score / 1e6)
      const { threshold } = equalErrorThreshold(kinds, scores)
      assert.ok(threshold >= 0 && threshold <= 1)
      const rate = (kind: number, isWrong: (score: number) => boolean) => {
        const own = scores.filter((_, i) => kinds[i] === kind)
        return own.filter(isWrong).length / own.length
      }
      const passed = rate(1, (score) => score < threshold)
      const refused = rate(0, (score) => score >= threshold)
      assert.ok(Math.abs(passed - refused) <= 1 / fakes + 1 / (all.length - fakes) + 1e-9)
    }),
  )
})
