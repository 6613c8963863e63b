// The interval of a difference: what it holds, what repeats, and what rows that belong together do to it.
import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { pairedBootstrap } from './paired-bootstrap.ts'

const differences = fc.array(fc.integer({ min: -1, max: 1 }), { minLength: 1, maxLength: 40 })
const options = { seed: 7, draws: 200 }

test('the interval lies among the differences, and repeats with the seed', () => {
  fc.assert(
    fc.property(differences, (values) => {
      const { difference, low, high } = pairedBootstrap(values, options)
      assert.ok(Math.min(...values) <= low && low <= high && high <= Math.max(...values))
      assert.ok(Math.abs(difference - values.reduce((a, b) => a + b) / values.length) < 1e-12)
      assert.deepEqual(pairedBootstrap(values, options), { difference, low, high })
    }),
  )
})

test('rows without groups and groups of one row are the same', () => {
  fc.assert(
    fc.property(differences, (values) => {
      const expected = pairedBootstrap(values, options)
      const alone = values.map(() => null)
      const named = values.map((_, i) => String(i))
      assert.deepEqual(pairedBootstrap(values, { ...options, groups: alone }), expected)
      assert.deepEqual(pairedBootstrap(values, { ...options, groups: named }), expected)
    }),
  )
})

test('ten pictures of a person do not count as ten persons', () => {
  const persons = [-1, -1, 0, 0, 0, 1, -1, 0]
  const values = persons.flatMap((value) => Array.from({ length: 10 }, () => value))
  const groups = values.map((_, i) => String(Math.floor(i / 10)))
  const byPerson = pairedBootstrap(values, { seed: 3, groups })
  assert.deepEqual(byPerson, pairedBootstrap(persons, { seed: 3 }))
  assert.ok(byPerson.high >= 0, 'eight persons are too few to tell')
  assert.ok(pairedBootstrap(values, { seed: 3 }).high < 0)
})
