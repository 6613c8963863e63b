import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadSession } from '../engine/runtime.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { cutModel } from './cut-model.ts'
import { createGraph } from './graph.ts'
import { writeModel } from './model.ts'

const vector = (...values: number[]): Tensor => ({
  type: 'float32',
  dims: [values.length],
  data: Float32Array.from(values),
})

function createModel() {
  const graph = createGraph('model')
  const x = graph.input('x', 'float32', ['N', 2])
  const unused = graph.input('other', 'float32', ['N', 2])
  const features = graph.node(
    'Mul',
    [x, graph.initializer('scale', vector(2, 3))],
    {},
    { name: 'features' },
  )
  const last = graph.node('Add', [features, graph.initializer('shift', vector(1, 1))])
  graph.output(graph.node('Add', [last, unused]), 'y', 'float32', ['N', 2])
  return graph.build()
}

test('a cut model answers with the named value and keeps only what it needs', async () => {
  const cut = cutModel(createModel(), 'features')
  const { node, initializer, input, output } = cut.graph!
  assert.deepEqual(
    [node, initializer, input, output].map((items) => items.map(({ name }) => name)),
    [['features'], ['scale'], ['x'], ['features']],
  )
  const session = await loadSession(writeModel(cut))
  const data = Float32Array.of(1, 1, 2, 2)
  const { features } = await session.run({ x: { type: 'float32', dims: [2, 2], data } })
  assert.deepEqual([...features!.data], [2, 3, 4, 6])
  await session.release()
})

test('a value that a branch takes from the graph around it is kept', () => {
  const graph = createGraph('outer')
  const x = graph.input('x', 'float32', [2])
  const captured = graph.node('Neg', [x])
  const branch = (name: string) => {
    const body = createGraph(name, { taken: [captured] })
    body.output(body.node('Relu', [captured]), `${name}.y`, 'float32', [2])
    return { graph: body.toGraph() }
  }
  const yes = { type: 'bool', dims: [], data: Uint8Array.of(1) } as const
  const chosen = graph.node('If', [graph.initializer('yes', yes)], {
    then_branch: branch('then'),
    else_branch: branch('else'),
  })
  graph.output(graph.node('Abs', [chosen]), 'y', 'float32', [2])
  const cut = cutModel(graph.build(), chosen)
  assert.deepEqual(
    cut.graph!.node.map(({ opType }) => opType),
    ['Neg', 'If'],
  )
})

test('an unknown value is an error that says what there is', () => {
  assert.throws(
    () => cutModel(createModel(), 'feature'),
    /no value named "feature"; it has: features, add/,
  )
})
