// Every layer and option on its own, against what Keras 3 and TF-Keras 2 answer (scripts/reference/keras).
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { compareWithKeras, readKerasCases } from '../../../test/builders/keras-cases.ts'

const TOLERANCE = 1e-5

// Most of the time of one goes to the start of the thread that reads its file.
for (const library of ['keras', 'tf_keras'] as const) {
  describe(library, { concurrency: 2 }, () => {
    for (const one of readKerasCases(library)) {
      test(one.file, async () => {
        const by = await compareWithKeras(one)
        assert.ok(by <= TOLERANCE, `it differs by ${by}`)
      })
    }
  })
}
