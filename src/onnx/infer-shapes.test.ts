import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { loadSession } from '../engine/runtime.ts'
import { longs, type Tensor, type TensorType } from '../tensor/tensor.ts'
import { float } from './attribute.ts'
import { createGraph, createValueInfo } from './graph.ts'
import { inferShapes } from './infer-shapes.ts'
import { readModel, writeModel } from './model.ts'
import type { ModelProto } from './proto.ts'
import { upgradeModel } from './upgrade-opset.ts'

/** Runs the model with every value as an output and compares types and shapes with the inferred ones. */
async function compareWithRuntime(model: ModelProto, batch: number): Promise<void> {
  const values = inferShapes(model, { batch })
  const graph = model.graph!
  const names = graph.node.flatMap(({ output }) => output)
  const output = names.map((name) => {
    const info = createValueInfo(name, values.get(name)!.type, [])
    info.type!.tensorType!.shape = undefined
    return info
  })
  const session = await loadSession(writeModel({ ...model, graph: { ...graph, output } }))
  const feeds = Object.fromEntries(
    session.inputs.map(({ name, type }) => [name, zeros(type, values.get(name)!.shape)]),
  )
  const results = await session.run(feeds)
  for (const name of names) {
    const { type, shape } = values.get(name)!
    assert.deepEqual({ name, type, shape }, shapeOf(name, results[name]!))
  }
  await session.release()
}

const shapeOf = (name: string, { type, dims }: Tensor) => ({ name, type, shape: [...dims] })

function zeros(type: TensorType, dims: readonly number[]): Tensor {
  const length = dims.reduce((all, dim) => all * dim, 1)
  if (type === 'uint8') return { type, dims, data: new Uint8Array(length) }
  return { type: 'float32', dims, data: new Float32Array(length) }
}

for (const name of ['dog/model', 'face/model', 'face/detector']) {
  test(`every shape of ${name} is what onnxruntime makes`, async (t) => {
    const path = new URL(`../../models/${name}.onnx`, import.meta.url)
    if (!existsSync(path)) return t.skip('model not present')
    const batch = name === 'face/detector' ? 1 : 2
    await compareWithRuntime(upgradeModel(readModel(readFileSync(path))), batch)
  })
}

test('older operator sets are brought to set 20 and mean the same', async () => {
  const graph = createGraph('old')
  const x = graph.input('x', 'float32', ['N', 2, 6])
  const padded = graph.node('Pad', [x], { pads: [0, 0, 1, 0, 0, 1], value: float(0.5) })
  const clipped = graph.node('Clip', [padded], { min: float(-0.7), max: float(0.6) })
  const cut = graph.node('Slice', [clipped], { axes: [2], starts: [1], ends: [7] })
  const [a, b] = graph.nodes('Split', [cut], 2, { axis: 2, split: [2, 4] })
  const sum = graph.node('ReduceSum', [b!], { axes: [2], keepdims: 1 })
  const mean = graph.node('ReduceMean', [a!], { axes: [2], keepdims: 0 })
  const wide = graph.node('Unsqueeze', [mean], { axes: [2] })
  const added = graph.node('Add', [wide, sum])
  const soft = graph.node('Softmax', [graph.node('Dropout', [added], { ratio: float(0.3) })])
  const flat = graph.node('Squeeze', [soft], { axes: [2] })
  const factor = graph.node('Constant', [], {
    value: { tensor: { type: 'float32', dims: [], data: Float32Array.of(3) } },
  })
  graph.output(graph.node('Mul', [flat, factor]), 'y', 'float32', ['N', 2])
  const old = graph.build({ opset: 9, irVersion: 4 })
  const data = Float32Array.from({ length: 24 }, (_, i) => Math.sin(i * 1.7))
  const feeds = { x: { type: 'float32', dims: [2, 2, 6], data } } as const
  const runs = []
  for (const model of [old, upgradeModel(old)]) {
    const session = await loadSession(writeModel(model))
    runs.push((await session.run(feeds)).y)
    await session.release()
  }
  assert.deepEqual(runs[0], runs[1])
  await compareWithRuntime(upgradeModel(old), 3)
})

test('stored halves become float32 under the name of their cast', () => {
  const graph = createGraph('halves')
  const x = graph.input('x', 'float32', ['N', 2])
  const data = Float32Array.of(0.1, 2)
  const w = graph.halfInitializer('w', { type: 'float32', dims: [2], data })
  graph.output(graph.node('Mul', [x, w]), 'y', 'float32', ['N', 2])
  const upgraded = upgradeModel(graph.build()).graph!
  assert.deepEqual(
    upgraded.initializer.map(({ name, dataType }) => [name, dataType]),
    [['w', 1]],
  )
  assert.deepEqual(
    upgraded.node.map(({ opType }) => opType),
    ['Mul', 'Identity'],
  )
})

test('what exporters compute around Reshape is folded', async () => {
  const graph = createGraph('folded')
  const x = graph.input('x', 'float32', ['N', 4, 3])
  const first = graph.initializer('first', { type: 'int64', dims: [], data: BigInt64Array.of(0n) })
  const batch = graph.node('Gather', [graph.node('Shape', [x]), first])
  const rows = graph.node('Unsqueeze', [batch, graph.initializer('axis', longs([0]))])
  const shape = graph.node('Concat', [rows, graph.initializer('rest', longs([-1]))], { axis: 0 })
  graph.output(graph.node('Reshape', [x, shape]), 'y', 'float32', ['N', 12])
  await compareWithRuntime(upgradeModel(graph.build()), 5)
})

test('an unknown operator, a free dimension and an unknown length are errors that name the node', () => {
  const graph = createGraph('errors')
  const x = graph.input('x', 'float32', ['N', 4])
  graph.node('NonZero', [x], {}, { name: 'where' })
  const model = graph.build()
  assert.throws(() => inferShapes(model, { batch: 1 }), /"where" \(NonZero\).*not in the table/)
  assert.throws(() => inferShapes(model), /"x" \(input\).*batch size is free/)
  const other = createGraph('errors')
  const shape = other.input('shape', 'int64', [2])
  other.node('Reshape', [other.input('x', 'float32', [4]), shape])
  assert.throws(() => inferShapes(other.build()), /depends on the numbers in "shape"/)
})
