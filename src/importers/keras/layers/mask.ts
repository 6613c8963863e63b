// Masks of time steps: made by Embedding and Masking, heeded by recurrent layers, attention and averages.
import type { GraphBuilder } from '../../../onnx/graph.ts'
import { DATA_TYPE } from '../../../onnx/proto.ts'
import { integers, plain, scalar } from '../layer-call.ts'
import type { Value } from '../value.ts'

/** bool → 0 or 1. */
export function toNumber(graph: GraphBuilder, mask: string, type: 'float32' | 'int64'): string {
  return graph.node('Cast', [mask], { to: DATA_TYPE[type] })
}

/** The mean over the steps that count; `x` is [batch, steps, channels]. */
export function maskedMean(graph: GraphBuilder, x: Value, mask: Value): Value {
  const numbers = toNumber(graph, mask.name, 'float32')
  const weights = graph.node('Unsqueeze', [numbers, integers(graph, [2])])
  const axis = integers(graph, [1])
  const total = graph.node('ReduceSum', [graph.node('Mul', [x.name, weights]), axis], {
    keepdims: 0,
  })
  const count = graph.node('ReduceSum', [weights, axis], { keepdims: 0 })
  return plain(x, graph.node('Div', [total, count]), [x.shape[0]!, x.shape[2]!])
}

/** What is not `unwanted` in any channel counts. */
export function maskOf(graph: GraphBuilder, x: Value, unwanted: number): Value {
  const equal = graph.node('Equal', [x.name, scalar(graph, unwanted)])
  const differs = toNumber(graph, graph.node('Not', [equal]), 'float32')
  const any = graph.node('ReduceMax', [differs], { axes: [x.shape.length - 1], keepdims: 0 })
  const name = graph.node('Cast', [any], { to: DATA_TYPE.bool })
  return { ...plain(x, name, x.shape.slice(0, -1)), type: 'bool' }
}
