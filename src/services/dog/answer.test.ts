import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createManualClock } from '../../clock.ts'
import type { Json } from '../../json.ts'
import type { Manifest } from '../../manifest.ts'
import { toAnswer } from './answer.ts'
import { toBreedName } from './breed-name.ts'

function ask(
  scores: readonly number[],
  labels: readonly string[] | null,
  answer: { readonly [key: string]: Json } = {},
) {
  const manifest = {
    outputs: [{ name: 'scores', type: 'float32', shape: [null, scores.length] }],
    labels,
    answer,
  } as unknown as Manifest
  const tensor = { type: 'float32', dims: [1, scores.length], data: Float32Array.from(scores) }
  const context = { input: null, manifest, extra: undefined, clock: createManualClock() }
  return toAnswer({ scores: tensor as { type: 'float32' } & typeof tensor }, context)
}

test('plain labels: the best of them, and nothing on dogs', () => {
  assert.deepEqual(ask([0.25, 0.75], ['Beagle', 'n02086240-Shih-Tzu']), {
    breed: 'Shih-Tzu',
    confidence: 0.75,
    top: [
      { label: 'Shih-Tzu', probability: 0.75 },
      { label: 'Beagle', probability: 0.25 },
    ],
    dogScore: null,
    isDog: null,
  })
})

test('logits go through softmax, large ones too', () => {
  const { confidence } = ask([1000, 1000 + Math.log(3)], ['a', 'b'], { activation: 'softmax' })
  assert.ok(Math.abs(confidence - 0.75) < 1e-4)
})

test('breeds among other classes: their share of the dogs, and the sum of the dogs', () => {
  const scores = [0.5, 0.125, 0.25, 0.125]
  for (const labels of [
    ['Pug', 'Boxer'],
    ['cat', 'Pug', 'car', 'Boxer'],
  ]) {
    const { breed, confidence, dogScore, isDog } = ask(scores, labels, {
      classes: [1, 3],
      dog_threshold: 0.3,
    })
    assert.deepEqual([breed, confidence, dogScore, isDog], ['Pug', 0.5, 0.25, false])
  }
  const sure = ask(scores, ['Pug', 'Boxer'], { classes: [1, 3], dog_threshold: 0.25 })
  assert.equal(sure.isDog, true)
})

test('at most five, best first', () => {
  const scores = [0.1, 0.3, 0.05, 0.2, 0.15, 0.12, 0.08]
  const { top } = ask(scores, ['a', 'b', 'c', 'd', 'e', 'f', 'g'])
  assert.equal(top.map(({ label }) => label).join(''), 'bdefa')
})

test('what does not fit together is refused', () => {
  assert.throws(() => ask([Number.NaN, 1], ['a', 'b']), TypeError)
  assert.throws(() => ask([0.5, 0.5], ['a']), TypeError)
  assert.throws(() => ask([0.5, 0.5], null), TypeError)
  assert.throws(() => ask([0.5, 0.5], ['a', 'b'], { activation: 'relu' }), TypeError)
  assert.throws(() => ask([0.5, 0.5], ['a', 'b'], { output: 'other' }), TypeError)
  assert.throws(() => ask([0.5, 0.5], ['a'], { classes: [7] }), TypeError)
})

test('the name of a breed is all that follows the first hyphen of its folder', () => {
  assert.equal(toBreedName('n02085620-Chihuahua'), 'Chihuahua')
  assert.equal(toBreedName('n02089078-black-and-tan_coonhound'), 'black-and-tan_coonhound')
  assert.equal(toBreedName('Shih-Tzu'), 'Shih-Tzu')
  assert.equal(toBreedName('n02085620-'), 'n02085620-')
})
