import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { createIdSource, firstIdAt, isId } from './ids.ts'
import { cleanText } from './prediction-row.ts'

const instant = fc.integer({ min: 0, max: 2 ** 48 - 1 })

it('sorts ids as their instants, and those of one instant as they were made', () => {
  fc.assert(
    fc.property(fc.array(instant, { maxLength: 50 }), (times) => {
      const newId = createIdSource()
      const sorted = times.sort((a, b) => a - b)
      const ids = sorted.map(newId)
      assert.deepEqual([...ids].sort(), ids)
      assert.ok(ids.every(isId))
      assert.equal(new Set(ids).size, ids.length)
      for (const [index, id] of ids.entries()) {
        assert.ok(id >= firstIdAt(sorted[index]!))
        assert.ok(id < firstIdAt(sorted[index]! + 1) || sorted[index] === 2 ** 48 - 1)
      }
    }),
  )
})

it('keeps order and uniqueness for very many of one instant', () => {
  const newId = createIdSource()
  let last = newId(1)
  for (let n = 0; n < 100_000; n++) {
    const id = newId(1)
    assert.ok(id > last)
    last = id
  }
})

it('cleans text into 255 well-formed units without control characters', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
      const clean = cleanText(text)
      assert.ok(clean.length <= 255)
      assert.ok(clean.isWellFormed())
      assert.doesNotMatch(clean, /\p{Cc}/u)
    }),
  )
  assert.equal(cleanText(`${'a'.repeat(254)}😀`), 'a'.repeat(254))
  assert.equal(cleanText('susu 🥛 250ml'), 'susu 🥛 250ml')
})
