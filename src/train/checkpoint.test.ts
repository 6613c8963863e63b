import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createPictures, settings } from '../../test/builders/training.ts'
import { createTrainingStep } from './create-training-step.ts'
import { sgd } from './optimisers/sgd.ts'

for (const threads of [1, 2]) {
  test(`the same seed gives the same bits on ${threads} threads`, async () => {
    const states: Uint8Array[] = []
    for (let repeat = 0; repeat < 2; repeat++) {
      const training = await createTrainingStep(settings({ threads }))
      for (let i = 0; i < 6; i++) await training.step(createPictures(i), { learningRate: 1e-2 })
      states.push(training.state())
      await training.release()
    }
    assert.deepEqual(states[0], states[1])
  })
}

test('a training that was restored goes on as if it had never stopped', async () => {
  const whole = await createTrainingStep(settings())
  for (let i = 0; i < 4; i++) await whole.step(createPictures(i), { learningRate: 1e-2 })
  const saved = whole.state()
  const resumed = await createTrainingStep(settings({ seed: 7 }))
  resumed.restore(saved)
  for (const training of [whole, resumed]) {
    for (let i = 4; i < 7; i++) await training.step(createPictures(i), { learningRate: 1e-2 })
  }
  assert.deepEqual(resumed.state(), whole.state())
  const other = await createTrainingStep(settings({ optimiser: sgd({ momentum: 0.9 }) }))
  assert.throws(() => other.restore(saved), /does not fit this training: "velocity/)
  assert.throws(() => other.restore(saved.subarray(0, 50)), /does not fit this training/)
  for (const training of [whole, resumed, other]) await training.release()
})
