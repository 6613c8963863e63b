import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fixture } from '../../test/builders/pytorch-training.ts'
import { close } from '../../test/builders/training.ts'
import { constant, cosine, reduceOnPlateau, stepDecay, warmUp } from './schedules.ts'

test('schedules', () => {
  const { schedules } = fixture
  close(
    schedules.cosine.map((_, i) => cosine(0.5, 11, 0.05)(i)),
    schedules.cosine,
    1e-9,
  )
  assert.equal(cosine(0.5, 11, 0.05)(50), 0.05)
  close(
    schedules.stepDecay.map((_, i) => stepDecay(0.5, 4, 0.3)(i)),
    schedules.stepDecay,
    1e-9,
  )
  assert.deepEqual([0, 1, 2, 3, 4].map(warmUp(stepDecay(4, 1, 0.5), 3)), [1, 2, 3, 4, 2])
  assert.equal(constant(0.1)(99), 0.1)
  const plateau = reduceOnPlateau({ factor: 0.2, patience: 2, minDelta: 0.05, floor: 0.01 })
  let state = plateau.init(0.5)
  const rates = schedules.plateau.values.map((value) => {
    state = plateau.update(state, value)
    return state.rate
  })
  close(rates, schedules.plateau.rates, 1e-9)
  const rising = reduceOnPlateau({ mode: 'max', patience: 1, cooldown: 2, factor: 0.5 })
  let other = rising.init(1)
  const halved = [0.5, 0.4, 0.4, 0.4, 0.4].map((value) => {
    other = rising.update(other, value)
    return other.rate
  })
  assert.deepEqual(halved, [1, 0.5, 0.5, 0.25, 0.25])
})
