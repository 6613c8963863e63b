// Every fit of every estimator, of all versions of scikit-learn that there are fixtures of.
import { describe, test } from 'node:test'
import { compare, readFixtures } from './fixtures/compare.ts'

for (const fixture of readFixtures()) {
  describe(`scikit-learn ${fixture.version}`, () => {
    for (const one of fixture.cases) {
      test(`${one.name}, fit ${one.seed}`, () => compare(one, fixture))
    }
  })
}
