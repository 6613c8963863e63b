// What a step graph's order must keep: the values, and that every node comes after what it reads.
import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { createNode } from '../onnx/graph.ts'
import type { GraphProto } from '../onnx/proto.ts'
import { orderStep } from './order-step.ts'

/** Node i reads earlier ones or the input. */
const graphs = fc.array(fc.array(fc.nat(), { minLength: 1, maxLength: 3 }), { maxLength: 30 })

const toGraph = (reads: readonly (readonly number[])[]): GraphProto => {
  const nameOf = (number: number): string => (number === 0 ? 'x' : `v${number}`)
  const node = reads.map((sources, i) =>
    createNode(
      'Sum',
      sources.map((source) => nameOf(source % (i + 1))),
      [nameOf(i + 1)],
      {},
    ),
  )
  return { node, initializer: [], input: [], output: [], valueInfo: [] }
}

test('every node stays, and comes after what it reads', () => {
  fc.assert(
    fc.property(graphs, (reads) => {
      const graph = toGraph(reads)
      const { node } = orderStep(graph)
      assert.deepEqual(new Set(node), new Set(graph.node))
      assert.equal(node.length, graph.node.length)
      const known = new Set(['x'])
      for (const { input, output } of node) {
        assert.ok(input.every((name) => known.has(name)))
        for (const name of output) known.add(name)
      }
    }),
  )
})

test('what a gradient meets is made late, and ends of the graph go from the last layer to the first', () => {
  const node = [
    createNode('Relu', ['x'], ['first'], {}),
    createNode('Sign', ['first'], ['slope'], {}),
    createNode('Relu', ['first'], ['second'], {}),
    createNode('Neg', ['second'], ['gradient'], {}),
    createNode('Abs', ['gradient'], ['of the last layer'], {}),
    createNode('Mul', ['gradient', 'slope'], ['back'], {}),
    createNode('Abs', ['back'], ['of the first layer'], {}),
  ]
  const graph: GraphProto = { node, initializer: [], input: [], output: [], valueInfo: [] }
  const order = orderStep(graph).node.flatMap(({ output }) => output)
  assert.ok(order.indexOf('slope') < order.indexOf('gradient'))
  assert.deepEqual(order.slice(-2), ['of the first layer', 'of the last layer'])
})
