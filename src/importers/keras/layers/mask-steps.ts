// Moves the steps that a mask counts to the front, and outputs back to where they belong.

import type { GraphBuilder } from '../../../onnx/graph.ts'
import { DATA_TYPE } from '../../../onnx/proto.ts'
import { integers } from '../layer-call.ts'
import type { Value } from '../value.ts'
import { toNumber } from './mask.ts'

export interface CompactSteps {
  /** [batch, steps, channels], in the graph. */
  readonly values: string
  /** int32 [batch]: how many steps count. */
  readonly lengths: string
  /** int64 [batch, steps]: how many steps up to this one, and with it, count. */
  readonly counted: string
  /** int64 [batch, steps], 0 or 1. */
  readonly mask: string
}

export function compactSteps(graph: GraphBuilder, x: Value, mask: Value): CompactSteps {
  const ones = toNumber(graph, mask.name, 'int64')
  const steps = graph.node('Slice', [
    graph.node('Shape', [ones]),
    integers(graph, [1]),
    integers(graph, [2]),
  ])
  const axis = graph.initializer('axis', { type: 'int64', dims: [], data: BigInt64Array.of(1n) })
  const counted = graph.node('CumSum', [toNumber(graph, mask.name, 'float32'), axis])
  const count = graph.node('Cast', [counted], { to: DATA_TYPE.int64 })
  // Sorted by position, with those that do not count behind all others.
  const zero = graph.initializer('zero', { type: 'int64', dims: [], data: BigInt64Array.of(0n) })
  const one = graph.initializer('one', { type: 'int64', dims: [], data: BigInt64Array.of(1n) })
  const last = graph.node('Squeeze', [steps])
  const position = graph.node('Range', [zero, last, one])
  const behind = graph.node('Mul', [graph.node('Sub', [one, ones]), steps])
  const key = graph.node('Add', [behind, position])
  const [, order] = graph.nodes('TopK', [key, steps], 2, { axis: 1, largest: 0, sorted: 1 })
  const total = graph.node('ReduceSum', [ones, integers(graph, [1])], { keepdims: 0 })
  const lengths = graph.node('Cast', [total], { to: DATA_TYPE.int32 })
  return { values: gatherSteps(graph, x.name, order!), lengths, counted: count, mask: ones }
}

/** What stood there after the last step that counts; zeros before the first, and, where asked, at steps that do not. */
export function spreadSteps(
  graph: GraphBuilder,
  outputs: string,
  { counted, mask }: CompactSteps,
  zeroed: boolean,
): string {
  const one = graph.initializer('one', { type: 'int64', dims: [], data: BigInt64Array.of(1n) })
  const zero = graph.initializer('zero', { type: 'int64', dims: [], data: BigInt64Array.of(0n) })
  const index = graph.node('Max', [graph.node('Sub', [counted, one]), zero])
  const spread = gatherSteps(graph, outputs, index)
  const shown = zeroed ? mask : graph.node('Min', [counted, one])
  const weight = graph.node('Cast', [shown], { to: DATA_TYPE.float32 })
  return graph.node('Mul', [spread, graph.node('Unsqueeze', [weight, integers(graph, [2])])])
}

/** [batch, steps, channels] by int64 [batch, steps]. */
function gatherSteps(graph: GraphBuilder, values: string, index: string): string {
  const wide = graph.node('Unsqueeze', [index, integers(graph, [2])])
  const full = graph.node('Expand', [wide, graph.node('Shape', [values])])
  return graph.node('GatherElements', [values, full], { axis: 1 })
}
