// The order of a step graph's nodes, which decides how much is held at once. Knows nothing of sizes.
import type { GraphProto, NodeProto } from '../onnx/proto.ts'

/**
 * The same graph with its nodes in another order that ONNX allows. onnxruntime makes the outputs from the last node to the
 * first, and of what a node needs it makes the last first, with all that that needs. By the longest way from an
 * input, what a gradient meets on its way back, such as the slope of an activation, is made when the gradient is there and not
 * while the batch is on its way. Nodes that nothing is made of stand behind all others, the shortest way last: the gradient
 * of a layer's weights is finished before the layers below begin, and lets go of what it was made of.
 */
export function orderStep(graph: GraphProto): GraphProto {
  const depths = new Map<string, number>()
  const placed = graph.node.map((node) => {
    const depth = 1 + node.input.reduce((most, name) => Math.max(most, depths.get(name) ?? 0), 0)
    for (const name of node.output) depths.set(name, depth)
    return { node, depth }
  })
  const read = new Set(graph.node.flatMap(({ input }) => input))
  const isRead = (node: NodeProto): boolean => node.output.some((name) => read.has(name))
  const inner = placed.filter(({ node }) => isRead(node)).toSorted((a, b) => a.depth - b.depth)
  const last = placed.filter(({ node }) => !isRead(node)).toSorted((a, b) => b.depth - a.depth)
  return { ...graph, node: [...inner, ...last].map(({ node }) => node) }
}
