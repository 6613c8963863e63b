import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fixture, gradientOf } from '../../../test/builders/pytorch-training.ts'
import { close } from '../../../test/builders/training.ts'
import { adam, adamW } from './adam.ts'
import { clipByGlobalNorm, clipByValue } from './clip.ts'
import type { Optimiser } from './optimiser.ts'
import { sgd } from './sgd.ts'

const OPTIMISERS: Readonly<Record<string, readonly [Optimiser, number]>> = {
  sgd: [sgd(), 0.1],
  sgdDecay: [sgd({ weightDecay: 0.05 }), 0.1],
  momentum: [sgd({ momentum: 0.9 }), 0.05],
  nesterov: [sgd({ momentum: 0.8, nesterov: true, weightDecay: 0.01 }), 0.05],
  adam: [adam(), 0.05],
  adamBetas: [adam({ beta1: 0.8, beta2: 0.95, epsilon: 1e-4 }), 0.02],
  adamW: [adamW({ weightDecay: 0.1 }), 0.05],
}

test('every optimiser of the fixture is tested', () => {
  assert.deepEqual(Object.keys(OPTIMISERS), Object.keys(fixture.optimisers.trajectories))
})

for (const [name, [optimiser, learningRate]] of Object.entries(OPTIMISERS)) {
  test(`20 steps of ${name}`, () => {
    const parameter = Float32Array.from(fixture.optimisers.start)
    let state = optimiser.init({ parameter })
    for (const [step, expected] of fixture.optimisers.trajectories[name]!.entries()) {
      const gradients = { parameter: gradientOf(parameter, step) }
      state = optimiser.update({ parameter }, gradients, state, { learningRate })
      close(parameter, expected, 2e-6)
    }
    assert.equal(state.count, 20)
  })
}

test('AdamW lets chosen parameters decay only', () => {
  const optimiser = adamW({ weightDecay: 0.5, decays: (name) => name === 'weight' })
  const parameters = { weight: Float32Array.of(1), bias: Float32Array.of(1) }
  const gradients = { weight: Float32Array.of(0), bias: Float32Array.of(0) }
  optimiser.update(parameters, gradients, optimiser.init(parameters), { learningRate: 0.1 })
  assert.deepEqual(parameters, { weight: Float32Array.of(0.95), bias: Float32Array.of(1) })
})

test('clipping by the norm and by value', () => {
  for (const { limit, norm, gradient } of fixture.optimisers.clipped) {
    const own = gradientOf(Float32Array.from(fixture.optimisers.start), 0)
    close([clipByGlobalNorm({ own }, limit)], [norm], 1e-5)
    close(own, gradient, 1e-6)
  }
  const own = Float32Array.of(-3, 0.5, 2)
  clipByValue({ own }, 1)
  assert.deepEqual(own, Float32Array.of(-1, 0.5, 1))
})
