// Works around onnxruntime (1.30), which fuses a Pad into the MaxPool behind it as if the padded zeros were no values: wrong
// wherever all values of a window are negative. Something between the two that changes nothing keeps them apart.
import type { GraphBuilder } from '../../onnx/graph.ts'
import { extendGraph } from '../../onnx/graph.ts'
import type { GraphProto, NodeProto } from '../../onnx/proto.ts'

/** The least float32: the maximum with it is the value itself. */
const LEAST = -3.4028234663852886e38

/** @returns the name of the same value, which a MaxPool may be put behind */
export function keepPadding(graph: GraphBuilder, name: string): string {
  return isHarmed(graph.toGraph().node, name) ? guard(graph, name) : name
}

/** The same in a graph that exists, which is changed. @returns how many places there were */
export function keepPaddings(graph: GraphProto): number {
  const pools = graph.node.filter(
    ({ opType, input }) => opType === 'MaxPool' && isHarmed(graph.node, input[0]!),
  )
  if (pools.length === 0) return 0
  const builder = extendGraph(graph)
  for (const pool of pools) {
    pool.input[0] = guard(builder, pool.input[0]!)
    // Nodes stand behind those whose outputs they take.
    const added = graph.node.pop()!
    graph.node.splice(graph.node.indexOf(pool), 0, added)
  }
  return pools.length
}

function guard(graph: GraphBuilder, name: string): string {
  const data = Float32Array.of(LEAST)
  const least = graph.initializer('least', { type: 'float32', dims: [], data })
  return graph.node('Max', [name, least])
}

/** Zeros around what is never negative are no less than its values: there the fusion does no harm. */
function isHarmed(nodes: readonly NodeProto[], name: string): boolean {
  const makerOf = (value: string | undefined): NodeProto | undefined =>
    nodes.findLast(({ output }) => value !== undefined && output.includes(value))
  const pad = makerOf(name)
  if (pad?.opType !== 'Pad') return false
  return !['Relu', 'Sigmoid'].includes(makerOf(pad.input[0])?.opType ?? '')
}
