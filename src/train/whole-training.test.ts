// Twenty steps of a network with many kinds of layers, beside PyTorch's.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fixture } from '../../test/builders/pytorch-training.ts'
import { close, floats } from '../../test/builders/training.ts'
import { createGraph } from '../onnx/graph.ts'
import type { ModelProto } from '../onnx/proto.ts'
import { longs, type Tensor } from '../tensor/tensor.ts'
import { createTrainingStep } from './create-training-step.ts'
import { softmaxCrossEntropy } from './losses.ts'
import { adam } from './optimisers/adam.ts'

test('20 steps of a whole network', async () => {
  const { x, labels, start, end, losses, mean } = fixture.network
  const training = await createTrainingStep({
    model: createNetwork(),
    batch: 6,
    loss: softmaxCrossEntropy({ labelSmoothing: 0.1 }),
    optimiser: adam(),
  })
  assert.deepEqual(Object.keys(start).toSorted(), trainedNames(training.parameters()))
  const feeds = { x: floats([6, 2, 6, 5], x), labels: longs(labels) }
  for (const expected of losses) {
    const { loss } = await training.step(feeds, { learningRate: 0.01 })
    close([loss], [expected], 1e-4)
  }
  const after = training.parameters()
  for (const [name, expected] of Object.entries(end)) close(after[name]!.data, expected, 1e-3)
  close(after.mean!.data, mean, 1e-4)
  await training.release()
})

function createNetwork(): ModelProto {
  const { start, shapes } = fixture.network
  const graph = createGraph('network')
  const weight = (name: string): string =>
    graph.initializer(name, floats(shapes[name]!, start[name]!))
  const stored = (name: string, value: number): string =>
    graph.initializer(name, floats([3], [value, value, value]))
  const conv = graph.node(
    'Conv',
    [graph.input('x', 'float32', ['N', 2, 6, 5]), weight('0.weight')],
    {
      strides: [2, 2],
      pads: [1, 1, 1, 1],
    },
  )
  const normal = graph.node(
    'BatchNormalization',
    [conv, weight('1.weight'), weight('1.bias'), stored('mean', 0), stored('variance', 1)],
    { epsilon: { float: 1e-3 }, momentum: { float: 0.9 } },
  )
  const relu = graph.node('Relu', [normal])
  const own = graph.node('Conv', [relu, weight('3.weight'), weight('3.bias')], {
    pads: [1, 1, 1, 1],
    group: 3,
  })
  const pooled = graph.node('MaxPool', [graph.node('HardSwish', [own])], {
    kernel_shape: [3, 3],
    strides: [2, 2],
    pads: [1, 1, 1, 1],
  })
  const flat = graph.node('Flatten', [pooled])
  const first = graph.node('Gemm', [flat, weight('7.weight'), weight('7.bias')], { transB: 1 })
  const layer = graph.node('LayerNormalization', [first, weight('8.weight'), weight('8.bias')])
  // Gelu as exporters of older operator sets write it.
  const root = graph.initializer('root', floats([], [Math.SQRT1_2]))
  const half = graph.initializer('half', floats([], [0.5]))
  const one = graph.initializer('one', floats([], [1]))
  const erf = graph.node('Erf', [graph.node('Mul', [layer, root])])
  const share = graph.node('Mul', [graph.node('Add', [erf, one]), half])
  const gelu = graph.node('Mul', [layer, share])
  const last = graph.node('Gemm', [gelu, weight('10.weight'), weight('10.bias')], { transB: 1 })
  graph.output(last, 'logits', 'float32', ['N', 3])
  return graph.build()
}

const trainedNames = (parameters: Readonly<Record<string, Tensor>>): string[] =>
  Object.keys(parameters)
    .filter((name) => name !== 'mean' && name !== 'variance')
    .toSorted()
