// One fit of each estimator, as the oldest and the newest scikit-learn that are read saved it. All others: the slow test.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { compare, readFixtures } from './fixtures/compare.ts'
import { CONVERTERS } from './graph/converters.ts'

for (const fixture of readFixtures()) {
  if (fixture.version !== '0.24' && fixture.version !== '1.7') continue
  describe(`scikit-learn ${fixture.version}`, () => {
    for (const one of fixture.cases.filter(({ seed }) => seed === 0)) {
      test(one.name, () => compare(one, fixture))
    }
  })
}

test('the documentation names every class that is converted', () => {
  const page = readFileSync(new URL('../../../docs/import.md', import.meta.url), 'utf8')
  const known = [...Object.keys(CONVERTERS.transformers), ...Object.keys(CONVERTERS.predictors)]
  const missing = known.filter((name) => {
    const stem = name.replace(/(Classifier|Regressor)$/, '')
    return (
      !page.includes(name) && !new RegExp(`\\b${stem}\\b[^|]*Classifier and Regressor`).test(page)
    )
  })
  assert.deepEqual(missing, [])
})
