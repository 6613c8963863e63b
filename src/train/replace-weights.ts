// Puts trained weights into the model that they came from, which stays otherwise as it was.

import type { ModelProto } from '../onnx/proto.ts'
import { toTensorProto } from '../onnx/tensor-proto.ts'
import type { Tensors } from '../tensor/tensor.ts'

/**
 * A new model. A weight that was stored as a half and cast, or made by a Constant node, is stored as float32 from then on.
 *
 * @param weights by the name of the value that holds them
 */
export function replaceWeights(model: ModelProto, weights: Tensors): ModelProto {
  const graph = model.graph!
  const replaced = (name: string | undefined): boolean =>
    name !== undefined && Object.hasOwn(weights, name)
  const node = graph.node.filter(({ output }) => !replaced(output[0]))
  const used = new Set(node.flatMap(({ input }) => input))
  const dropped = graph.node.filter(({ output }) => replaced(output[0]))
  const halves = new Set(dropped.flatMap(({ input }) => input).filter((name) => !used.has(name)))
  const kept = graph.initializer.filter(({ name }) => !replaced(name) && !halves.has(name!))
  const added = Object.entries(weights).map(([name, tensor]) => toTensorProto(name, tensor))
  return { ...model, graph: { ...graph, node, initializer: [...kept, ...added] } }
}

/** The model without the values of these weights; {@link replaceWeights} gives it others. It cannot be run until then. */
export function withoutInitializers(model: ModelProto, names: readonly string[]): ModelProto {
  const left = new Set(names)
  const initializer = model.graph!.initializer.filter(({ name }) => !left.has(name!))
  return { ...model, graph: { ...model.graph!, initializer } }
}
