import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fixture } from '../../test/builders/pytorch-training.ts'
import { close, floats } from '../../test/builders/training.ts'
import { createGraph } from '../onnx/graph.ts'
import { longs } from '../tensor/tensor.ts'
import { createTrainingStep } from './create-training-step.ts'
import {
  binaryCrossEntropy,
  focal,
  huber,
  type Loss,
  meanAbsoluteError,
  meanSquaredError,
  softmaxCrossEntropy,
  softTargetCrossEntropy,
} from './losses.ts'
import { sgd } from './optimisers/sgd.ts'

const { classWeights } = fixture.losses
const LOSSES: Readonly<Record<string, Loss>> = {
  crossEntropy: softmaxCrossEntropy(),
  smoothed: softmaxCrossEntropy({ labelSmoothing: 0.1 }),
  weighted: softmaxCrossEntropy({ classWeights }),
  weightedAndSmoothed: softmaxCrossEntropy({ classWeights, labelSmoothing: 0.2 }),
  softTargets: softTargetCrossEntropy(),
  focal: focal(),
  focalWeighted: focal({ gamma: 1.5, classWeights }),
  binary: binaryCrossEntropy(),
  binaryWeighted: binaryCrossEntropy({ positiveWeight: 3 }),
  squared: meanSquaredError(),
  absolute: meanAbsoluteError(),
  huber: huber(),
  huberWide: huber({ delta: 1.5 }),
}

test('every loss of the fixture is tested', () => {
  assert.deepEqual(Object.keys(LOSSES), Object.keys(fixture.losses.cases))
})

for (const [name, loss] of Object.entries(LOSSES)) {
  test(`loss and gradient: ${name}`, async () => {
    const { logits, labels, targets, probabilities, cases } = fixture.losses
    const graph = createGraph('loss')
    // The logits themselves are the weight: a step of 1 along the gradient shows it.
    const weight = graph.initializer('weight', floats([5, 4], logits))
    const zero = graph.input('zero', 'float32', [5, 4])
    graph.output(graph.node('Add', [zero, weight]), 'y', 'float32', [5, 4])
    const training = await createTrainingStep({
      model: graph.build(),
      batch: 5,
      loss,
      optimiser: sgd(),
      trainable: ['weight'],
    })
    const truth = name === 'softTargets' ? probabilities : targets
    const given = training.inputs.some((port) => port.name === 'labels')
      ? { labels: longs(labels) }
      : { targets: floats([5, 4], truth) }
    const zeros = floats(
      [5, 4],
      logits.map(() => 0),
    )
    const { loss: value } = await training.step({ zero: zeros, ...given }, { learningRate: 1 })
    const after = training.parameters().weight!.data
    const expected = cases[name]!
    close([value], [expected.loss], 1e-6)
    close(
      expected.gradient.map((_, i) => logits[i]! - Number(after[i])),
      expected.gradient,
      1e-6,
    )
    await training.release()
  })
}
