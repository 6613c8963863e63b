import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DataRow } from '../data/row.ts'
import type { Side } from '../data/split-rows.ts'
import { keepSides } from './keep-sides.ts'

function rowsOf(persons: number, from = 0): DataRow[] {
  return Array.from({ length: persons }, (_, i) => from + i).flatMap((person) =>
    ['real', 'fake'].map((label) => {
      const id = `${label}/p${person}`
      return { id, label, group: `p${person}`, contentHash: id }
    }),
  )
}

const known = (rows: readonly DataRow[], sides: readonly Side[]) =>
  new Map(rows.map(({ contentHash }, i) => [contentHash, sides[i]!]))

test('a first training splits as every other; each class is on each side', () => {
  const { sides } = keepSides(rowsOf(10), new Map(), 1)
  for (const side of ['train', 'validation', 'test']) {
    assert.equal(sides.filter((_, i) => i % 2 === 0 && sides[i] === side).length > 0, true)
  }
})

test('what is known keeps its side whatever the seed, and what is new is split', () => {
  const before = rowsOf(10)
  const first = keepSides(before, new Map(), 1).sides
  const rows = [...before, ...rowsOf(20, 10)]
  const { sides, notices } = keepSides(rows, known(before, first), 2)
  assert.deepEqual(sides.slice(0, 20), first)
  assert.ok(new Set(sides.slice(20)).size === 3)
  assert.match(notices.at(-1)!, /^20 pictures are known/)
})

test('a person who was trained on takes new and tested pictures along', () => {
  const rows = rowsOf(12)
  const first = keepSides(rows, new Map(), 1).sides
  const [tested, trained] = [first.indexOf('test'), first.indexOf('train')]
  const joined = rows.map((row, i) =>
    i === tested ? { ...row, group: rows[trained]!.group } : row,
  )
  const fresh = { ...rows[trained]!, id: 'real/new', contentHash: 'new' }
  const { sides } = keepSides([...joined, fresh], known(rows, first), 1)
  assert.equal(sides[tested], 'train')
  assert.equal(sides.at(-1), 'train')
})

test('a class without a row on a side is an error that names both', () => {
  const rows = rowsOf(6)
  const all = known(
    rows,
    rows.map(() => 'train' as const),
  )
  assert.throws(() => keepSides(rows, all, 1), {
    code: 'training.no-held-out',
    message: /real .* validation/,
  })
})
