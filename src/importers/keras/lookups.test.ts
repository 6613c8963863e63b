// StringLookup and IntegerLookup: at the end they name the classes, numbers are looked up anywhere.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareNames, compareNumbers, readLookup } from '../../../test/builders/keras-lookups.ts'
import { DugaError } from '../../errors.ts'

test('numbers are looked up as Keras does', async () => {
  await compareNumbers('keras-numbers-spread.keras')
  await compareNumbers('tf_keras-adapted.keras')
  await compareNumbers('tf_keras-numbers-many-hot-mask.h5')
})

test('names at the end become those of the classes, and the model answers with the scores', async () => {
  await compareNames('keras-end-adapted.keras')
  await compareNames('tf_keras-end-numbers.h5')
  assert.deepEqual((await readLookup('keras-end-unknown.h5')).labels, ['[UNK]', 'cat', 'dög'])
})

test('text at the beginning is refused, with what to do', async () => {
  await assert.rejects(readLookup('keras-begin-words.keras'), (error) => {
    assert.ok(error instanceof DugaError && error.code === 'model.unsupported-layer')
    assert.match(error.message, /takes text, and inputs are numbers here: look words up before/)
    return true
  })
})
