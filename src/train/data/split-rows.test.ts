import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { createRandom } from '../random.ts'
import { toClassBalance } from './class-balance.ts'
import { groupedSplit } from './grouped-split.ts'
import type { DataRow } from './row.ts'
import { type Side, splitRows } from './split-rows.ts'
import { largestRemainder, stratifiedSplit, takenCounts } from './stratified-split.ts'

interface Reference {
  readonly splits: readonly { counts: number[]; fraction: number; test: number[] }[]
  readonly weights: readonly { labels: string[]; weights: Record<string, number> }[]
}

const reference = JSON.parse(
  readFileSync(new URL('./fixtures/splits.json', import.meta.url), 'utf8'),
) as Reference

function toRows(labels: readonly string[], change: (i: number) => Partial<DataRow> = () => ({})) {
  return labels.map((label, i): DataRow => {
    return { id: `row${i}`, label, group: null, contentHash: `hash${i}`, ...change(i) }
  })
}

const labelsOf = (counts: readonly number[]) =>
  counts.flatMap((count, index) => Array(count).fill(`class${index}`) as string[])

const countOn = (sides: readonly Side[], side: Side) => sides.filter((one) => one === side).length

test("a class's share is scikit-learn's", () => {
  for (const { counts, fraction, test: expected } of reference.splits) {
    assert.deepEqual(takenCounts(counts, fraction, createRandom(1)), expected)
  }
})

test("class weights are scikit-learn's", () => {
  for (const { labels, weights } of reference.weights) {
    for (const [label, weight] of toClassBalance(labels).weights) {
      assert.ok(Math.abs(weight - weights[label]!) < 1e-12)
    }
  }
})

test('shares add up, each within one of the exact share', () => {
  const counts = fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 30 })
  fc.assert(
    fc.property(
      counts,
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.integer(),
      (all, part, seed) => {
        const total = all.reduce((a, b) => a + b)
        const draws = Math.floor(part * total)
        const shares = largestRemainder(all, draws, createRandom(seed))
        assert.equal(
          shares.reduce((a, b) => a + b),
          draws,
        )
        for (const [i, share] of shares.entries()) {
          assert.ok(Math.abs(share - (all[i]! / total) * draws) < 1 && share <= all[i]!)
        }
      },
    ),
  )
})

test('stratified: the right number, and the same rows for the same seed', () => {
  const labels = labelsOf([70, 20, 10])
  const taken = stratifiedSplit(labels, 0.2, 42)
  assert.equal(
    taken.reduce((a, b) => a + b),
    20,
  )
  assert.deepEqual(stratifiedSplit(labels, 0.2, 42), taken)
  assert.notDeepEqual(stratifiedSplit(labels, 0.2, 43), taken)
})

test("the contract's recipe: 80/20, then a fifth of the training part", () => {
  const { sides, notices } = splitRows(toRows(labelsOf([50, 50])), { seed: 42 })
  assert.deepEqual(
    (['train', 'validation', 'test'] as const).map((side) => countOn(sides, side)),
    [64, 16, 20],
  )
  assert.deepEqual(notices, [])
})

const arbitraryRows = fc
  .array(
    fc.record({
      label: fc.constantFrom('a', 'b', 'c'),
      group: fc.option(fc.integer({ min: 0, max: 12 }).map(String)),
      content: fc.integer({ min: 0, max: 60 }),
    }),
    { minLength: 1, maxLength: 80 },
  )
  .map((all) =>
    all.map(({ label, group, content }, i): DataRow => {
      return { id: `r${i}`, label, group, contentHash: `h${content}` }
    }),
  )

test('every row on one side; groups and copies never on two', () => {
  fc.assert(
    fc.property(
      arbitraryRows,
      fc.constantFrom('stratified' as const, 'hash' as const),
      fc.integer({ min: 0, max: 1000 }),
      (rows, by, seed) => {
        const { sides } = splitRows(rows, { seed, by })
        assert.equal(sides.length, rows.length)
        const keys = (['group', 'contentHash'] as const).flatMap((key) =>
          [...Map.groupBy(rows.keys(), (row) => rows[row]![key])].filter(([name]) => name !== null),
        )
        for (const [, same] of keys) assert.equal(new Set(same.map((row) => sides[row])).size, 1)
        assert.deepEqual(splitRows(rows, { seed, by }).sides, sides)
      },
    ),
  )
})

test('grouped: every class with two groups is on both sides, shares near what is wanted', () => {
  const labels = Array.from({ length: 600 }, (_, i) => `class${i % 3}`)
  const groups = labels.map((_, i) => `person${Math.floor(i / 12)}`)
  const taken = groupedSplit(labels, groups, 0.2, 7)
  assert.ok(Math.abs(taken.reduce((a, b) => a + b) - 120) <= 12)
  const few = ['a', 'a', 'a', 'a', 'a', 'b', 'b']
  const split = groupedSplit(few, ['1', '1', '1', '1', '2', '3', '4'], 0.2, 1)
  for (const label of ['a', 'b']) {
    const sides = new Set(few.flatMap((one, i) => (one === label ? [split[i]] : [])))
    assert.equal(sides.size, 2)
  }
})

test('three rows a class are enough for all three parts', () => {
  const { sides, notices } = splitRows(toRows(labelsOf([3, 3, 200])), { seed: 1 })
  assert.deepEqual(notices, [])
  assert.equal(new Set(sides.slice(0, 3)).size, 3)
})

test('what cannot be on every side, and what contradicts itself, is told', () => {
  const one = splitRows(
    toRows(labelsOf([9, 9]), (i) => (i < 9 ? { group: 'one' } : {})),
    { seed: 1 },
  )
  assert.ok(one.notices.some((text) => /"class0" has no row in the/.test(text)))
  const copies = splitRows(
    toRows(labelsOf([9, 9]), (i) => ({ contentHash: `h${i % 17}` })),
    { seed: 1 },
  )
  assert.ok(copies.notices.some((text) => /1 rows have the same content .*row0, row17/.test(text)))
  assert.ok(copies.notices.some((text) => /different labels: row0, row17/.test(text)))
})

test('by hash: a row stays where it is when others come', () => {
  const rows = toRows(labelsOf([600, 600]))
  const all = splitRows(rows, { seed: 3, by: 'hash' }).sides
  const half = splitRows(
    rows.filter((_, i) => i % 2 === 0),
    { seed: 3, by: 'hash' },
  ).sides
  assert.deepEqual(
    half,
    all.filter((_, i) => i % 2 === 0),
  )
  assert.ok(Math.abs(countOn(all, 'test') - 240) < 60)
  assert.ok(Math.abs(countOn(all, 'validation') - 192) < 60)
})

test('imbalance is told from two to one on', () => {
  assert.deepEqual(toClassBalance(['a', 'a', 'a', 'b', 'b']).notices, [])
  const { notices, ratio } = toClassBalance(['a', 'a', 'a', 'b'])
  assert.equal(ratio, 3)
  assert.match(notices[0]!, /"a" has 3 rows, "b" 1/)
})
