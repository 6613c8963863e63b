import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toScoreTable } from './to-score-table.ts'

test('a class that the version does not know gets a column that nothing is in', () => {
  const table = toScoreTable({
    classes: ['a', 'b'],
    truths: ['b', 'zebra', 'b'],
    scores: [
      [0.25, 0.75],
      [1, 0],
      [0.5, 0.5],
    ],
  })
  assert.deepEqual(table.classes, ['a', 'b', 'zebra'])
  assert.deepEqual(table.labels, [1, 2, 1])
  assert.deepEqual([...table.probabilities], [0.25, 0.75, 0, 1, 0, 0, 0.5, 0.5, 0])
  assert.deepEqual(table.counts, { b: { test: 2 }, zebra: { test: 1 } })
  assert.match(table.notices.join(' '), /"zebra": its 1 rows count as mistakes/)
})
