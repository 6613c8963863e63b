// One fit of each estimator, as the oldest and the newest scikit-learn that are read saved it. All others: the slow test.
import { describe, test } from 'node:test'
import { compare, readFixtures } from './fixtures/compare.ts'

for (const fixture of readFixtures()) {
  if (fixture.version !== '0.24' && fixture.version !== '1.7') continue
  describe(`scikit-learn ${fixture.version}`, () => {
    for (const one of fixture.cases.filter(({ seed }) => seed === 0)) {
      test(one.name, () => compare(one, fixture))
    }
  })
}
