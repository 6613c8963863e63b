// Shapes of matrix products, convolutions, pooling, normalisation and recurrent layers.

import { transposedWindowOf, windowOf } from '../window.ts'
import { axisOf, broadcastShapes, type ShapeContext, type ShapeRule, type Value } from './rule.ts'

export const linearShapes: Readonly<Record<string, ShapeRule>> = {
  MatMul: (context) => [{ type: context.input(0).type, shape: matMul(context) }],
  Gemm: (context) => {
    const { type, shape: a } = context.input(0)
    const { shape: b } = context.input(1)
    const rows = a[context.int('transA', 0) === 1 ? 1 : 0]!
    const columns = b[context.int('transB', 0) === 1 ? 0 : 1]!
    return [{ type, shape: [rows, columns] }]
  },
  Conv: (context) => {
    const [x, w] = [context.input(0), context.input(1)]
    const { output } = windowOf(context.node, x.shape.slice(2), w.shape.slice(2))
    return [{ type: x.type, shape: [x.shape[0]!, w.shape[0]!, ...output] }]
  },
  ConvTranspose: (context) => {
    const [x, w] = [context.input(0), context.input(1)]
    const { output } = transposedWindowOf(context.node, x.shape.slice(2), w.shape.slice(2))
    const channels = w.shape[1]! * context.int('group', 1)
    return [{ type: x.type, shape: [x.shape[0]!, channels, ...output] }]
  },
  MaxPool: (context) => {
    const value = pooled(context)
    const indices: Value = { type: 'int64', shape: value.shape }
    return [value, indices].slice(0, context.node.output.length)
  },
  AveragePool: (context) => [pooled(context)],
  GlobalAveragePool: globalPool,
  GlobalMaxPool: globalPool,
  BatchNormalization: (context) => {
    const { type, shape } = context.input(0)
    const channels = { type, shape: context.input(1).shape }
    return [{ type, shape }, channels, channels].slice(0, context.node.output.length)
  },
  InstanceNormalization: (context) => [without(context.input(0))],
  LayerNormalization: (context) => {
    const { type, shape } = context.input(0)
    const axis = axisOf(context.int('axis', -1), shape.length)
    const reduced = { type, shape: shape.map((dim, i) => (i < axis ? dim : 1)) }
    return [{ type, shape }, reduced, reduced].slice(0, context.node.output.length)
  },
  LSTM: recurrent,
  GRU: recurrent,
  RNN: recurrent,
}

const without = ({ type, shape }: Value): Value => ({ type, shape })

function matMul(context: ShapeContext): readonly number[] {
  const [a, b] = [context.input(0).shape, context.input(1).shape]
  const left = a.length === 1 ? [1, ...a] : a
  const right = b.length === 1 ? [...b, 1] : b
  if (left.at(-1) !== right.at(-2)) context.fail(`[${a}] and [${b}] cannot be multiplied`)
  const batch = broadcastShapes(left.slice(0, -2), right.slice(0, -2))
  if (batch === undefined) return context.fail(`[${a}] and [${b}] cannot be multiplied`)
  const rows = a.length === 1 ? [] : [left.at(-2)!]
  const columns = b.length === 1 ? [] : [right.at(-1)!]
  return [...batch, ...rows, ...columns]
}

function pooled(context: ShapeContext): Value {
  const { type, shape } = context.input(0)
  const { output } = windowOf(context.node, shape.slice(2), context.ints('kernel_shape', []))
  return { type, shape: [...shape.slice(0, 2), ...output] }
}

function globalPool(context: ShapeContext): readonly Value[] {
  const { type, shape } = context.input(0)
  return [{ type, shape: shape.map((dim, i) => (i < 2 ? dim : 1)) }]
}

function recurrent(context: ShapeContext): readonly Value[] {
  const { type, shape } = context.input(0)
  if (context.int('layout', 0) !== 0) context.fail('layout 1 is not read')
  const hidden = context.input(2).shape[2]!
  const directions = context.input(1).shape[0]!
  const state = { type, shape: [directions, shape[1]!, hidden] }
  const all = { type, shape: [shape[0]!, ...state.shape] }
  return [all, state, state].slice(0, context.node.output.length)
}
