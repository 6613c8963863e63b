// Class names of a file beside the model, and what becomes of one that does not go with it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nameClasses } from './name-classes.ts'

test('numbers of a model are places among the names', () => {
  assert.deepEqual(nameClasses(['0', '1'], ['a', 'b']), { labels: ['a', 'b'], notices: [] })
  assert.deepEqual(nameClasses(['a', 'b'], ['b', 'a']).labels, ['a', 'b'])
})

test('too few names for the places are refused, and names of other classes left out', () => {
  assert.throws(() => nameClasses(['0', '1', '2'], ['a', 'b']), /3 classes, .* names 2/)
  const { labels, notices } = nameClasses(['x', 'y'], ['a', 'b'])
  assert.deepEqual(labels, ['x', 'y'])
  assert.match(notices.join(), /was left out/)
})
