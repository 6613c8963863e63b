import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadSession } from '../engine/runtime.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { float, floats } from './attribute.ts'
import { createGraph } from './graph.ts'
import { readModel, writeModel } from './model.ts'
import { ATTRIBUTE_TYPE } from './proto.ts'

const vector = (...values: number[]): Tensor => ({
  type: 'float32',
  dims: [values.length],
  data: Float32Array.from(values),
})

test('a built graph runs, with half weights, a subgraph and several outputs of a node', async () => {
  const graph = createGraph('example')
  const x = graph.input('x', 'float32', ['N', 4])
  const scaled = graph.node('Mul', [x, graph.halfInitializer('scale', vector(1, 2, 3, 0.1))])
  const split = graph.initializer('split', {
    type: 'int64',
    dims: [2],
    data: BigInt64Array.of(1n, 3n),
  })
  const [first, rest] = graph.nodes('Split', [scaled, split], 2, { axis: 1 })
  const body = createGraph('branch')
  body.output(body.node('LeakyRelu', [rest!], { alpha: float(0.5) }), 'then', 'float32', ['N', 3])
  const other = createGraph('branch')
  other.output(rest!, 'else', 'float32', ['N', 3])
  const yes = { type: 'bool', dims: [], data: Uint8Array.of(1) } as const
  const chosen = graph.node('If', [graph.initializer('yes', yes)], {
    then_branch: { graph: body.toGraph() },
    else_branch: { graph: other.toGraph() },
  })
  graph.output(first!, 'first', 'float32', ['N', 1])
  graph.output(chosen, 'rest', 'float32', ['N', 3])
  const session = await loadSession(writeModel(graph.build({ metadata: { by: 'test' } })))
  const data = Float32Array.of(1, -1, 1, 1, 2, 2, 2, 2)
  const outputs = await session.run({ x: { type: 'float32', dims: [2, 4], data } })
  assert.deepEqual([...outputs.first!.data], [1, 2])
  const half = Math.f16round(0.1)
  assert.deepEqual([...outputs.rest!.data], [-1, 3, half, 4, 6, half * 2].map(Math.fround))
  await session.release()
})

test('attributes have the type that is meant', () => {
  const graph = createGraph('attributes')
  graph.node('Any', [], {
    int: 1,
    float: float(1),
    text: 'a',
    ints: [1, -2],
    none: [],
    floats: floats([1, 0.5]),
    texts: ['a', 'b'],
    tensor: { tensor: vector(1) },
  })
  const { attribute } = readModel(writeModel(graph.build())).graph!.node[0]!
  const types = Object.fromEntries(attribute.map(({ name, type }) => [name, type]))
  const { int, float: real, string, ints, floats: reals, strings, tensor } = ATTRIBUTE_TYPE
  assert.deepEqual(types, {
    int,
    float: real,
    text: string,
    ints,
    none: ints,
    floats: reals,
    texts: strings,
    tensor,
  })
  assert.throws(() => graph.node('Any', [], { alpha: 0.5 }), /wrap floats in float\(\)/)
})

test('names are unique, and an output keeps its own or is refused', () => {
  const graph = createGraph('names', { taken: ['relu'] })
  const x = graph.input('x', 'float32', [1])
  assert.deepEqual(
    [graph.node('Relu', [x]), graph.node('Relu', [x]), graph.initializer('x', vector(1))],
    ['relu_1', 'relu_2', 'x_1'],
  )
  assert.throws(() => graph.output(x, 'x', 'float32', [1]), /"x" is taken/)
  assert.throws(
    () => graph.initializer('y', { type: 'float32', dims: [2], data: new Float32Array(3) }),
    /3 of 2 elements/,
  )
})

test('operator domains and versions are named', () => {
  const model = createGraph('domains').build({
    opset: 18,
    irVersion: 9,
    domains: { 'ai.onnx.ml': 3 },
  })
  assert.deepEqual(readModel(writeModel(model)).opsetImport, [
    { domain: '', version: 18n },
    { domain: 'ai.onnx.ml', version: 3n },
  ])
})
