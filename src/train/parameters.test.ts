import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadSession } from '../engine/runtime.ts'
import { createGraph } from '../onnx/graph.ts'
import { writeModel } from '../onnx/model.ts'
import { upgradeModel } from '../onnx/upgrade-opset.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { appendClassifier, featuresOf, LOGITS } from './append-classifier.ts'
import { createTrainingStep } from './create-training-step.ts'
import { softmaxCrossEntropy } from './losses.ts'
import { sgd } from './optimisers/sgd.ts'
import { parametersOf, selectParameters } from './parameters.ts'
import { createRandom } from './random.ts'

const floats = (...dims: number[]): Tensor => {
  const length = dims.reduce((all, dim) => all * dim, 1)
  return { type: 'float32', dims, data: Float32Array.from({ length }, (_, i) => (i % 7) / 7 - 0.4) }
}

/** As an exporter writes it: preprocessing, stored halves, a Constant node, a transposed kernel, an added bias. */
function createModel(opset: number) {
  const graph = createGraph('exported')
  const x = graph.input('x', 'float32', ['N', 2, 5, 5])
  const scaled = graph.node('Mul', [x, graph.initializer('deviation', floats(1, 2, 1, 1))])
  const conv = graph.node('Conv', [scaled, graph.halfInitializer('kernel', floats(3, 2, 3, 3))])
  const constant = graph.node(
    'Constant',
    [],
    { value: { tensor: floats(3, 1, 1) } },
    { name: 'bias' },
  )
  const added = graph.node('Add', [conv, constant])
  const pooled = graph.node('GlobalAveragePool', [graph.node('Relu', [added])])
  const flat = graph.node('Flatten', [pooled])
  const turned = graph.node('Transpose', [graph.initializer('matrix', floats(4, 3))])
  const product = graph.node('MatMul', [flat, turned], {}, { name: 'product' })
  const logits = graph.node('Add', [graph.initializer('offset', floats(4)), product])
  graph.output(graph.node('Softmax', [logits], { axis: 1 }), 'probabilities', 'float32', ['N', 4])
  return graph.build({ opset })
}

test('weights of layers are found, other constants not', () => {
  const graph = upgradeModel(createModel(11)).graph!
  assert.deepEqual(parametersOf(graph), ['kernel', 'bias', 'matrix', 'offset'])
  assert.deepEqual(selectParameters(graph, [/^(kernel|offset)$/, 'deviation']), [
    'kernel',
    'offset',
    'deviation',
  ])
  assert.throws(() => selectParameters(graph, [/nothing/]), /no parameter named "\/nothing\/"/)
})

for (const opset of [11, 17]) {
  test(`a classifier of operator set ${opset} is trained as a whole and exported`, async () => {
    const training = await createTrainingStep({
      model: createModel(opset),
      output: 'add_1',
      outputs: ['probabilities'],
      batch: 2,
      loss: softmaxCrossEntropy(),
      optimiser: sgd(),
    })
    const feeds = {
      x: floats(2, 2, 5, 5),
      labels: { type: 'int64', dims: [2], data: BigInt64Array.of(0n, 3n) } as const,
    }
    const before = await training.evaluate(feeds)
    for (let i = 0; i < 10; i++) await training.step(feeds, { learningRate: 0.5 })
    const after = await training.evaluate(feeds)
    assert.ok(after.loss < before.loss)
    const exported = training.toInferenceModel()
    const session = await loadSession(writeModel(exported))
    const { probabilities } = await session.run({ x: feeds.x })
    assert.deepEqual(probabilities!.data, after.outputs.probabilities!.data)
    assert.ok(!exported.graph!.initializer.some(({ name }) => name === 'kernel.half'))
    await session.release()
    await training.release()
  })
}

test('a new head on a cut network: named weights, probabilities, either frozen or not', async () => {
  const source = createModel(11)
  const at = featuresOf(source)!
  const model = appendClassifier(source, {
    at,
    classes: 5,
    hidden: 6,
    dropout: 0.2,
    random: createRandom(1),
  })
  assert.deepEqual(parametersOf(upgradeModel(model).graph!), [
    'kernel',
    'bias',
    'head.hidden.weight',
    'head.hidden.bias',
    'head.classes.weight',
    'head.classes.bias',
  ])
  const training = await createTrainingStep({
    model,
    output: LOGITS,
    trainable: [/^head\./],
    batch: 2,
    loss: softmaxCrossEntropy(),
    optimiser: sgd(),
  })
  assert.deepEqual(
    Object.keys(training.parameters()).every((name) => name.startsWith('head.')),
    true,
  )
  const session = await loadSession(writeModel(training.toInferenceModel()))
  const { probabilities } = await session.run({ x: floats(3, 2, 5, 5) })
  assert.deepEqual(probabilities!.dims, [3, 5])
  await session.release()
  await training.release()
})
