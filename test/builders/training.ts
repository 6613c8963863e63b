// Small networks, pictures with a rule to learn, and comparisons for the tests of training.

import assert from 'node:assert/strict'
import { createGraph } from '../../src/onnx/graph.ts'
import type { ModelProto } from '../../src/onnx/proto.ts'
import type { Tensor, Tensors } from '../../src/tensor/tensor.ts'
import type { TrainingStepOptions } from '../../src/train/create-training-step.ts'
import { batchNormalization, convolution, dense, dropout } from '../../src/train/layers/layers.ts'
import { softmaxCrossEntropy } from '../../src/train/losses.ts'
import { adam } from '../../src/train/optimisers/adam.ts'
import { createRandom } from '../../src/train/random.ts'

/** Rows of every batch. */
export const ROWS = 24

/** Four classes: a bright square in a corner of an 8 × 8 picture, with noise. */
export function createPictures(seed: number): Tensors {
  const random = createRandom(seed)
  const data = Float32Array.from({ length: ROWS * 64 }, () => random() - 0.5)
  const labels = BigInt64Array.from({ length: ROWS }, () => BigInt(Math.floor(random() * 4)))
  for (const [row, label] of labels.entries()) {
    const top = Number(label) < 2 ? 0 : 4
    const left = Number(label) % 2 === 0 ? 0 : 4
    for (let y = 0; y < 4; y++)
      for (let x = 0; x < 4; x++) data[row * 64 + (top + y) * 8 + left + x]! += 0.5
  }
  return {
    x: { type: 'float32', dims: [ROWS, 1, 8, 8], data },
    labels: { type: 'int64', dims: [ROWS], data: labels },
  }
}

/** Convolution, normalisation, pooling, dropout, classes: x [N, 1, 8, 8] → logits [N, 4]. */
export function createNetwork(): ModelProto {
  const random = createRandom(3)
  const graph = createGraph('small')
  const x = graph.input('x', 'float32', ['N', 1, 8, 8])
  const first = convolution(graph, x, {
    name: 'first',
    inputs: 1,
    filters: 6,
    kernel: [3, 3],
    random,
  })
  const normal = batchNormalization(graph, first, { name: 'normal', channels: 6 })
  const pooled = graph.node('MaxPool', [graph.node('Relu', [normal])], {
    kernel_shape: [2, 2],
    strides: [2, 2],
  })
  const flat = graph.node('Flatten', [dropout(graph, pooled, 0.2)])
  const scores = dense(graph, flat, { name: 'scores', inputs: 96, units: 4, random })
  graph.output(scores, 'logits', 'float32', ['N', 4])
  return graph.build()
}

/** One layer: x [N, 1, 8, 8] → logits [N, 4]. */
export function onlyDense(): ModelProto {
  const graph = createGraph('dense')
  const flat = graph.node('Flatten', [graph.input('x', 'float32', ['N', 1, 8, 8])])
  const random = createRandom(2)
  const scores = dense(graph, flat, { name: 'scores', inputs: 64, units: 4, random })
  graph.output(scores, 'logits', 'float32', ['N', 4])
  return graph.build()
}

/** The options of a training of {@link createNetwork}, with changes. */
export const settings = (more: Partial<TrainingStepOptions> = {}): TrainingStepOptions => ({
  model: createNetwork(),
  batch: ROWS,
  loss: softmaxCrossEntropy(),
  optimiser: adam(),
  seed: 7,
  ...more,
})

export const floats = (dims: readonly number[], values: ArrayLike<number>): Tensor => ({
  type: 'float32',
  dims,
  data: Float32Array.from(values),
})

/** Every element within `tolerance`. */
export function close(
  actual: ArrayLike<number | bigint>,
  expected: ArrayLike<number | bigint>,
  tolerance: number,
): void {
  assert.equal(actual.length, expected.length)
  for (let i = 0; i < actual.length; i++) {
    const difference = Math.abs(Number(actual[i]) - Number(expected[i]))
    assert.ok(difference <= tolerance, `[${i}]: ${actual[i]}, expected ${expected[i]}`)
  }
}
