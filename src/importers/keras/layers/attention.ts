// Attention: MultiHeadAttention over one axis of time, and the layers Attention and AdditiveAttention.
import type { Tensor } from '../../../tensor/tensor.ts'
import {
  asFloat32,
  countOf,
  type Emit,
  fixed,
  float32,
  hasFlag,
  integers,
  isValue,
  type LayerCall,
  plain,
  scalar,
  unsupported,
} from '../layer-call.ts'
import { inKerasOrder, type Value } from '../value.ts'

/** A score so low that its step gets no weight. */
const NEVER = -1e9

const multiHead: Emit = (call) => {
  const { graph, layer, args, kwargs } = call
  const given = (name: string, at: number): Value | undefined => {
    const value = kwargs[name] ?? args[at]
    return isValue(value) ? inKerasOrder(graph, value) : undefined
  }
  const query = given('query', 0) ?? missing(call)
  const value = given('value', 1) ?? missing(call)
  const key = given('key', 2) ?? value
  if ([query, value, key].some(({ shape }) => shape.length !== 3)) {
    throw unsupported(layer, 'it attends over more than one axis')
  }
  if (hasFlag(layer.config, 'use_gate', false) || layer.config.sliding_window) {
    throw unsupported(layer, 'gates and sliding windows are not supported')
  }
  const heads = countOf(layer, 'num_heads')
  const depth = countOf(layer, 'key_dim')
  const width = layer.config.value_dim ? countOf(layer, 'value_dim') : depth
  const q = project(call, 'query', query, heads, depth, [0, 2, 1, 3])
  const k = project(call, 'key', key, heads, depth, [0, 2, 3, 1])
  const v = project(call, 'value', value, heads, width, [0, 2, 1, 3])
  const small = graph.node('Mul', [q, scalar(graph, 1 / Math.sqrt(depth))])
  const scores = graph.node('MatMul', [small, k])
  const shown = hideScores(call, scores, query, value, key)
  const mixed = graph.node('MatMul', [graph.node('Softmax', [shown], { axis: -1 }), v])
  const rows = graph.node('Transpose', [mixed], { perm: [0, 2, 1, 3] })
  const flat = graph.node('Reshape', [rows, integers(graph, [0, 0, heads * width])])
  const { kernel, bias } = projection(call, 'output', 'attention_output')
  const size = kernel.data.length / (heads * width)
  const weight = call.constant('output', () => float32([heads * width, size], asFloat32(kernel)))
  const output = withBias(call, 'output', graph.node('MatMul', [flat, weight]), bias, [size])
  const result = { ...plain(query, output, [...query.shape.slice(0, -1), size]), mask: query.mask }
  if (kwargs.return_attention_scores !== true) return result
  const weights = graph.node('Softmax', [shown], { axis: -1 })
  const shape = [query.shape[0]!, heads, query.shape[1]!, key.shape[1]!]
  return [result, plain(query, weights, shape)]
}

function missing({ layer }: LayerCall): never {
  throw unsupported(layer, 'its query or its value is missing')
}

function projection(call: LayerCall, name: string, path = name) {
  const biased = hasFlag(call.layer.config, 'use_bias', true)
  const weights = call.weights.part(`${name}_dense`, [path])
  const [kernel, bias] = weights.own(biased ? ['kernel', 'bias'] : ['kernel'])
  return { kernel: kernel!, bias }
}

/** x · kernel + bias as [batch, heads, steps, depth], or turned as `perm` says. */
function project(
  call: LayerCall,
  name: string,
  x: Value,
  heads: number,
  depth: number,
  perm: readonly number[],
): string {
  const { graph, layer } = call
  const { kernel, bias } = projection(call, name)
  const inputs = fixed(layer, x.shape.at(-1), 'the width of its input')
  const size = heads * depth
  const weight = call.constant(name, () => float32([inputs, size], asFloat32(kernel)))
  const y = withBias(call, name, graph.node('MatMul', [x.name, weight]), bias, [size])
  const split = graph.node('Reshape', [y, integers(graph, [0, 0, heads, depth])])
  return graph.node('Transpose', [split], { perm })
}

function withBias(
  call: LayerCall,
  name: string,
  x: string,
  bias: Tensor | undefined,
  dims: readonly number[],
): string {
  if (bias === undefined) return x
  const shift = call.constant(`${name}_bias`, () => float32(dims, asFloat32(bias)))
  return call.graph.node('Add', [x, shift])
}

/** Scores of steps that a mask or the future hides are made so low that they get no weight. */
function hideScores(
  call: LayerCall,
  scores: string,
  query: Value,
  value: Value,
  key: Value,
): string {
  const { graph, kwargs } = call
  const { attention_mask: mask, use_causal_mask: causal } = kwargs
  const hides: string[] = []
  // [batch, steps] of keys → [batch, 1, 1, steps]; of queries → [batch, 1, steps, 1].
  if (query.mask) hides.push(graph.node('Unsqueeze', [query.mask.name, integers(graph, [1, 3])]))
  if (value.mask) hides.push(graph.node('Unsqueeze', [value.mask.name, integers(graph, [1, 2])]))
  if (key.mask && key !== value) {
    hides.push(graph.node('Unsqueeze', [key.mask.name, integers(graph, [1, 2])]))
  }
  if (isValue(mask)) {
    const bool = graph.node('Cast', [mask.name], { to: 9 })
    hides.push(
      mask.shape.length === 3 ? graph.node('Unsqueeze', [bool, integers(graph, [1])]) : bool,
    )
  }
  if (causal === true) hides.push(causalMask(call, query, value))
  if (hides.length === 0) return scores
  const shown = hides.reduce((all, item) => graph.node('And', [all, item]))
  return graph.node('Where', [shown, scores, scalar(graph, NEVER)])
}

/** bool [queries, keys]: no step sees those after it. */
function causalMask({ graph, layer }: LayerCall, query: Value, value: Value): string {
  const rows = fixed(layer, query.shape[1], 'the number of its steps')
  const columns = fixed(layer, value.shape[1], 'the number of its steps')
  const data = Uint8Array.from({ length: rows * columns }, (_, at) =>
    at % columns <= Math.floor(at / columns) ? 1 : 0,
  )
  return graph.initializer('causal', { type: 'bool', dims: [rows, columns], data })
}

/** Dot-product or additive attention of [query, value, key?]. */
const attention =
  (additive: boolean): Emit =>
  (call) => {
    const { graph, layer, inputs, weights } = call
    const [query, value, key = value] = inputs.map((input) => inKerasOrder(graph, input))
    if (!query || !value || !key) throw unsupported(layer, 'it takes a query and a value')
    const scaled = hasFlag(layer.config, 'use_scale', additive)
    const [scale] = scaled ? weights.own(['scale']) : []
    const factor = scale && call.constant('scale', () => float32(scale.dims, asFloat32(scale)))
    let scores: string
    if (additive || layer.config.score_mode === 'concat') {
      const rows = graph.node('Unsqueeze', [query.name, integers(graph, [2])])
      const columns = graph.node('Unsqueeze', [key.name, integers(graph, [1])])
      if (!additive) throw unsupported(layer, 'its score_mode is "concat"')
      const sum = graph.node('Tanh', [graph.node('Add', [rows, columns])])
      const weighed = factor ? graph.node('Mul', [sum, factor]) : sum
      scores = graph.node('ReduceSum', [weighed, integers(graph, [3])], { keepdims: 0 })
    } else {
      const turned = graph.node('Transpose', [key.name], { perm: [0, 2, 1] })
      const product = graph.node('MatMul', [query.name, turned])
      scores = factor ? graph.node('Mul', [product, factor]) : product
    }
    if (value.mask) {
      const shown = graph.node('Unsqueeze', [value.mask.name, integers(graph, [1])])
      scores = graph.node('Where', [shown, scores, scalar(graph, NEVER)])
    }
    if (layer.config.causal === true || call.kwargs.use_causal_mask === true) {
      scores = graph.node('Where', [causalMask(call, query, value), scores, scalar(graph, NEVER)])
    }
    const shares = graph.node('Softmax', [scores], { axis: -1 })
    const mixed = graph.node('MatMul', [shares, value.name])
    return plain(query, mixed, [...query.shape.slice(0, -1), value.shape.at(-1)!])
  }

export const ATTENTION: Readonly<Record<string, Emit>> = {
  MultiHeadAttention: multiHead,
  Attention: attention(false),
  AdditiveAttention: attention(true),
}
