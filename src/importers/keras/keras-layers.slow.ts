// Every layer and option on its own, against what Keras 3 and TF-Keras 2 answer (scripts/reference/keras).
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareWithKeras, readKerasCases } from '../../../test/builders/keras-cases.ts'

const TOLERANCE = 1e-5

for (const library of ['keras', 'tf_keras'] as const) {
  for (const one of readKerasCases(library)) {
    test(`${library} ${one.file}`, async () => {
      const by = await compareWithKeras(one)
      assert.ok(by <= TOLERANCE, `it differs by ${by}`)
    })
  }
}
