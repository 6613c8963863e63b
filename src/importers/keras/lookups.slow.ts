// Every StringLookup and IntegerLookup of the fixtures; lookups.test.ts takes one of each kind.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareNames, compareNumbers, lookupFiles } from '../../../test/builders/keras-lookups.ts'

test('numbers are looked up as Keras does, names at the end are those of the classes', async () => {
  const names = lookupFiles(/-end-/)
  const numbers = lookupFiles(/-(numbers|one-hot|embedded|adapted)/).filter(
    (file) => !names.includes(file),
  )
  assert.deepEqual([numbers.length, names.length], [34, 18])
  for (const file of numbers) await compareNumbers(file)
  for (const file of names) await compareNames(file)
})
