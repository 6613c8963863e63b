import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadSession } from '../../engine/runtime.ts'
import { DugaError } from '../../errors.ts'
import { createGraph, createValueInfo } from '../../onnx/graph.ts'
import { readModel, writeModel } from '../../onnx/model.ts'
import type { ModelProto } from '../../onnx/proto.ts'
import { freeBatch } from './ports.ts'
import { wrapClassifier } from './wrap-classifier.ts'

/**
 * Logits of two classes: the mean of the first plane, and twice that of the last. Names as a
 * foreign file may have them.
 */
function classifier(batch: number | string): ModelProto {
  const graph = createGraph('foreign')
  const x = graph.input('data', 'float32', [batch, 3, 2, 2])
  const pooled = graph.node('GlobalAveragePool', [x], {}, { name: 'values' })
  const flat = graph.node('Flatten', [pooled], { axis: 1 })
  const weights = {
    type: 'float32',
    dims: [3, 2],
    data: Float32Array.of(1, 0, 0, 0, 0, 2),
  } as const
  const logits = graph.node('MatMul', [flat, graph.initializer('mean', weights)])
  graph.output(logits, 'output', 'float32', [batch, 2])
  return graph.build()
}

const options = {
  height: 2,
  width: 2,
  classes: 2,
  mean: [10, 20, 30],
  deviation: [1, 2, 4],
} as const

test('pixels in, probabilities out, whatever names the file has', async () => {
  const wrapped = wrapClassifier(readModel(writeModel(classifier('batch'))), options)
  const session = await loadSession(writeModel(wrapped))
  assert.deepEqual(session.inputs, [{ name: 'pixels', type: 'uint8', shape: [null, 2, 2, 3] }])
  const pixel = [11, 99, 36]
  const data = Uint8Array.from([...pixel, ...pixel, ...pixel, ...pixel])
  const { probabilities } = await session.run({
    pixels: { type: 'uint8', dims: [1, 2, 2, 3], data },
  })
  // Logits 1 and 2 · 1.5.
  const expected = 1 / (1 + Math.exp(2))
  assert.ok(Math.abs(Number(probabilities!.data[0]) - expected) < 1e-6)
  await session.release()
})

test('a file of the first format versions, which lists its weights as inputs', async () => {
  const old = { ...classifier(1), irVersion: 3n, opsetImport: [{ domain: '', version: 7n }] }
  const [weights] = old.graph!.initializer
  const listed = createValueInfo(weights!.name!, 'float32', [3, 2])
  const graph = { ...old.graph!, input: [...old.graph!.input, listed] }
  const session = await loadSession(writeModel(wrapClassifier({ ...old, graph }, options)))
  assert.deepEqual(
    session.inputs.map(({ name }) => name),
    ['pixels'],
  )
  const data = new Uint8Array(24).fill(30)
  const { probabilities } = await session.run({
    pixels: { type: 'uint8', dims: [2, 2, 2, 3], data },
  })
  assert.deepEqual(probabilities!.dims, [2, 2])
  await session.release()
})

test('a model with two outputs is refused', () => {
  const graph = createGraph('two')
  const x = graph.input('x', 'float32', [1])
  graph.output(x, 'a', 'float32', [1])
  graph.output(x, 'b', 'float32', [1])
  assert.throws(() => wrapClassifier(graph.build(), options), DugaError)
})

test('a fixed batch becomes free, and weights among the inputs keep their shape', async () => {
  const fixed = classifier(1)
  const weight = {
    name: 'mean',
    type: { tensorType: { elemType: 1, shape: { dim: [{ dimValue: 3n }] } } },
  }
  const model = freeBatch({
    ...fixed,
    graph: { ...fixed.graph!, input: [...fixed.graph!.input, weight] },
  })
  assert.deepEqual(model.graph!.input[1], weight)
  const session = await loadSession(
    writeModel({ ...model, graph: { ...model.graph!, input: [model.graph!.input[0]!] } }),
  )
  const x = { type: 'float32', dims: [2, 3, 2, 2], data: new Float32Array(24).fill(1) } as const
  const { output } = await session.run({ data: x })
  assert.deepEqual(output!.dims, [2, 2])
  await session.release()
})
