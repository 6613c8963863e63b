import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Json } from '../../json.ts'
import type { Manifest } from '../../manifest.ts'
import type { Tensors } from '../../tensor/tensor.ts'
import { toAnswerSpec, toFaceAnswer } from './answer.ts'

function manifestWith(answer: Manifest['answer']): Manifest {
  return {
    format: 1,
    service: 'face',
    version: 'v1.0.0',
    created: '2026-01-01T00:00:00Z',
    parent: null,
    files: {},
    inputs: [],
    outputs: [{ name: 'logits', type: 'float32', shape: [null, 3] }],
    maxBatch: 1,
    labels: null,
    decode: {},
    answer,
    golden: null,
    metrics: {},
    origin: {},
  }
}

function rows(...values: number[][]): Tensors {
  const data = Float32Array.from(values.flat())
  return { logits: { type: 'float32', dims: [values.length, values[0]!.length], data } }
}

const face: Json = { face: { x: 0, y: 0, width: 1, height: 1, score: 1 }, rows: 1 }
const near = (actual: number, expected: number): void =>
  assert.ok(Math.abs(actual - expected) < 1e-6, `${actual} is not ${expected}`)

test('two classes: softmax, and the probability of the class named', () => {
  const answer = toFaceAnswer(rows([0, Math.log(3)]), { manifest: manifestWith({}), extra: face })
  assert.equal(answer.prediction, 'fake')
  near(answer.prob_fake, 0.75)
  near(answer.prob_real, 0.25)
  near(answer.confidence, 0.75)
  assert.equal(answer.threshold_used, 0.5)
  assert.equal(answer.face_found, true)
})

test('three classes: fake is the sum of all but the real one, which the manifest names', () => {
  const manifest = manifestWith({ real: 1 })
  const logits = [Math.log(2), Math.log(5), Math.log(3)]
  const answer = toFaceAnswer(rows(logits), { manifest, extra: undefined })
  near(answer.prob_real, 0.5)
  near(answer.prob_fake, 0.5)
  assert.equal(answer.prediction, answer.prob_fake >= 0.5 ? 'fake' : 'real')
  assert.equal('face_found' in answer, false)
})

test('the logits of several crops are averaged, not their probabilities', () => {
  const answer = toFaceAnswer(rows([8, 0], [0, 4]), { manifest: manifestWith({}), extra: face })
  near(answer.prob_real, 1 / (1 + Math.exp(-2)))
})

test('probabilities are taken as they are', () => {
  const manifest = manifestWith({ scores: 'probabilities', real: 1 })
  near(toFaceAnswer(rows([0.2, 0.8]), { manifest, extra: face }).prob_real, 0.8)
})

test('fake begins exactly at the threshold, and a setting overrides the manifest', () => {
  const manifest = manifestWith({ threshold: 0.6 })
  const at = (threshold: number | null): string =>
    toFaceAnswer(rows([0, 0]), { manifest, extra: face }, threshold).prediction
  assert.equal(at(null), 'real')
  assert.equal(at(0.5), 'fake')
  assert.equal(at(0), 'fake')
})

test('no face found is said', () => {
  const extra = { face: null, rows: 1 }
  const answer = toFaceAnswer(rows([1, 0]), { manifest: manifestWith({}), extra })
  assert.equal(answer.face_found, false)
})

test('probabilities stay in 0..1, add up to 1 and follow the order of rows in nothing', () => {
  const logit = fc.float({ noNaN: true, min: -1000, max: 1000 })
  const row = fc.array(logit, { minLength: 3, maxLength: 3 })
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 2 }), (values) => {
      const context = { manifest: manifestWith({}), extra: face }
      const answer = toFaceAnswer(rows(...values), context)
      assert.ok(answer.prob_real >= 0 && answer.prob_fake >= 0)
      near(answer.prob_real + answer.prob_fake, 1)
      const turned = toFaceAnswer(rows(...values.toReversed()), context)
      near(answer.prob_real, turned.prob_real)
    }),
  )
})

test('a manifest that means nothing is refused', () => {
  for (const answer of [{ real: 'x' }, { real: -1 }, { threshold: 2 }, { scores: 'votes' }]) {
    assert.throws(() => toAnswerSpec(answer), TypeError)
  }
  const context = { manifest: manifestWith({ real: 5 }), extra: face }
  assert.throws(() => toFaceAnswer(rows([1, 2]), context), RangeError)
  assert.throws(() => toFaceAnswer(rows([1]), context), RangeError)
})
