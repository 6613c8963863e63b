// The evaluation of any rows, and the card that is written from it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createRandom } from '../random.ts'
import { evaluate } from './evaluate.ts'
import { writeCard } from './write-card.ts'

test('the card says the same in Markdown that no name breaks', () => {
  const card = writeCard(
    {
      kind: 'classification',
      classes: ['a|b', '<b>*c*</b>', 'd\ne'],
      labels: [0, 1, 2, 0],
      probabilities: [0.8, 0.1, 0.1, 0.2, 0.6, 0.2, 0.1, 0.2, 0.7, 0.3, 0.5, 0.2],
      data: { classes: { a: { train: 9, test: 3 } } },
      parameters: { seed: 1 },
    },
    { service: 'cough', version: 'v1.0.1' },
    { about: 'For tests.' },
  )
  assert.match(card, /^# cough v1\.0\.1\n\nFor tests\.\n\n## Quality\n/)
  assert.match(card, /\n\| accuracy \| 0\.\d{4} \| 0\.\d{4} to [01]\.\d{4} \|\n/)
  assert.match(card, /\n\| a\\\|b \| /)
  assert.match(card, /\n\| &lt;b>\\\*c\\\*&lt;\/b> \| /)
  assert.match(card, /\n\| d e \| /)
  assert.match(card, /\n- train: 9 rows\n- test: 3 rows\n/)
})

test('metrics of any rows lie in their range and in their intervals', () => {
  const classes = fc.integer({ min: 2, max: 5 })
  const labels = fc.array(fc.nat(4), { minLength: 1, maxLength: 40 })
  fc.assert(
    fc.property(classes, labels, fc.integer(), (n, list, seed) => {
      const random = createRandom(seed)
      const probabilities = list.flatMap(() => {
        const raw = Array.from({ length: n }, () => Math.round(random() * 4) + 0.01)
        const sum = raw.reduce((total, value) => total + value, 0)
        return raw.map((value) => value / sum)
      })
      const { metrics, intervals, mistakeCount, rows } = evaluate({
        kind: 'classification',
        classes: Array.from({ length: n }, (_, c) => `class ${c}`),
        labels: list.map((label) => label % n),
        probabilities,
      })
      assert.ok(Math.abs(metrics.accuracy! - (1 - mistakeCount / rows)) < 1e-12)
      for (const [name, value] of Object.entries(metrics)) {
        if (name !== 'log_loss') assert.ok(value >= 0 && value <= 2, `${name} ${value}`)
      }
      const [low, high] = intervals.accuracy!
      assert.ok(low <= metrics.accuracy! + 1e-12 && metrics.accuracy! <= high + 1e-12)
    }),
    { numRuns: 30 },
  )
})
