// The graph of a linear text model: gather the weights of the terms present, weigh, add, link, average over members.
// Written here and read back, so that what runs in place has the numbers of the file that onnxruntime runs.

import { longs, type Tensor } from '../tensor/tensor.ts'
import { LEAST_PROBABILITY, type LinearText } from '../tensor/text/linear-text.ts'
import { createGraph } from './graph.ts'
import type { GraphProto, ModelProto } from './proto.ts'
import { fromTensorProto } from './tensor-proto.ts'

const NAME = 'linear-text'
const BODY = ['Gather', 'Unsqueeze', 'MatMul', 'Reshape', 'Add']
const LINKS = {
  sigmoid: [
    ...BODY,
    ...['Neg', 'Exp', 'Add', 'Reciprocal', 'Add', 'ReduceSum', 'Div', 'ReduceMean', 'Identity'],
  ],
  softmax: [...BODY, 'Softmax', 'ReduceMean', 'Identity'],
} as const

/**
 * Inputs `ids` int64 [N, T] and `weights` float32 [N, T], padded with weight 0; output `probabilities` [N, classes].
 */
export function createLinearTextGraph(model: LinearText): ModelProto {
  const { terms, members, classes, link } = model
  const graph = createGraph(NAME)
  const ids = graph.input('ids', 'int64', ['N', 'T'])
  const weights = graph.input('weights', 'float32', ['N', 'T'])
  const weight = graph.initializer('weight', floats([terms, members * classes], model.weight))
  const bias = graph.initializer('bias', floats([members, classes], model.bias))
  const gathered = graph.node('Gather', [weight, ids], { axis: 0 })
  const axis = graph.initializer('axis', longs([1]))
  const rows = graph.node('Unsqueeze', [weights, axis])
  const product = graph.node('MatMul', [rows, gathered])
  const shape = graph.initializer('shape', longs([-1, members, classes]))
  const sums = graph.node('Add', [graph.node('Reshape', [product, shape]), bias])
  let scores = sums
  if (link === 'softmax') scores = graph.node('Softmax', [sums], { axis: 2 })
  else {
    const least = graph.initializer('least', floats([1], Float32Array.of(LEAST_PROBABILITY)))
    // Not the operator Sigmoid: onnxruntime's is cut off at 1e-8, and rows of small ones are divided by their sum.
    const one = graph.initializer('one', floats([1], Float32Array.of(1)))
    const odds = graph.node('Add', [graph.node('Exp', [graph.node('Neg', [sums])]), one])
    const raw = graph.node('Add', [graph.node('Reciprocal', [odds]), least])
    const total = graph.node('ReduceSum', [raw, graph.initializer('last', longs([2]))], {
      keepdims: 1,
    })
    scores = graph.node('Div', [raw, total])
  }
  const mean = graph.node('ReduceMean', [scores], { axes: [1], keepdims: 0 })
  graph.output(mean, 'probabilities', 'float32', ['N', classes])
  return graph.build()
}

/** The numbers of a graph that {@link createLinearTextGraph} wrote; null for any other. */
export function readLinearTextGraph({ graph }: ModelProto): LinearText | null {
  const link = graph === undefined || graph.name !== NAME ? null : linkOf(graph)
  if (graph === undefined || link === null) return null
  const weight = initializer(graph, 'weight')
  const bias = initializer(graph, 'bias')
  if (!(weight?.data instanceof Float32Array) || !(bias?.data instanceof Float32Array)) return null
  const [members, classes] = bias.dims as [number, number]
  const terms = weight.dims[0]!
  return { terms, members, classes, link, weight: weight.data, bias: bias.data }
}

function linkOf(graph: GraphProto): LinearText['link'] | null {
  const operators = graph.node.map(({ opType }) => opType).join()
  if (operators === LINKS.sigmoid.join()) return 'sigmoid'
  return operators === LINKS.softmax.join() ? 'softmax' : null
}

function initializer(graph: GraphProto, name: string): Tensor | null {
  const proto = graph.initializer.find((entry) => entry.name === name)
  return proto === undefined ? null : fromTensorProto(proto)
}

const floats = (dims: readonly number[], data: Float32Array): Tensor => ({
  type: 'float32',
  dims,
  data,
})
