import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkOptions, recipeNumbers, seedOf } from './options.ts'

const own = ['epochs', 'learning_rate', 'normal'] as const

test('what fits is taken', () => {
  checkOptions('cough', own, {})
  checkOptions('cough', own, { seed: 0, force: true })
  checkOptions('cough', own, { epochs: 1, learning_rate: 0.001, normal: 'ok' })
})

for (const [given, message] of [
  [{ epochs: 0 }, /epochs cannot be taken: it is a whole number from 1 to 100000/],
  [{ epochs: 1.5 }, /whole number/],
  [{ epochs: '3' }, /whole number/],
  [{ epochs: null }, /whole number/],
  [{ seed: -1 }, /from 0/],
  [{ learning_rate: 0 }, /learning_rate cannot be taken: it is a number above 0 to 10/],
  [{ learning_rate: Number.NaN }, /number above 0/],
  [{ force: 'yes' }, /true or false/],
  [{ normal: '  ' }, /text of 1 to 200/],
  [{ batch_size: 8 }, /takes seed, force, epochs, learning_rate, normal/],
  [{ replace: true }, /replace cannot be taken: a training of cough takes/],
  [{ constructor: 1 }, /constructor/],
  [{ fraction: [1] }, /fraction cannot be taken: a training of cough takes/],
] as const) {
  test(`refused: ${JSON.stringify(given)}`, () => {
    assert.throws(() => checkOptions('cough', own, given as never), {
      code: 'training.option',
      message,
    })
  })
}

test('only what was given stands in the way of a recipe', () => {
  assert.deepEqual(recipeNumbers({ data: 'x', batch_size: 8 }), { batch: 8 })
  assert.equal(seedOf({ seed: 0 }), 0)
  assert.equal(seedOf({}), 42)
})
