// A tensor on its way through a Keras model, and where its channels lie. Keras' channels-last pictures are kept with the
// channels first for as long as layers take them so: transposes stand only where the order matters.
import type { GraphBuilder } from '../../onnx/graph.ts'
import type { TensorType } from '../../tensor/tensor.ts'

export type KerasShape = readonly (number | null)[]

export interface Value {
  /** In the graph. */
  readonly name: string
  /** As Keras sees it, the batch first; null is free. */
  readonly shape: KerasShape
  readonly type: TensorType
  /** The graph's tensor has Keras' last axis as its second. */
  readonly channelsFirst: boolean
  /** bool [batch, steps]: which steps count; null: all. */
  readonly mask: Value | null
}

const turned = new WeakMap<Value, Value>()

/** The same in Keras' own order of axes. */
export function inKerasOrder(graph: GraphBuilder, value: Value): Value {
  return value.channelsFirst ? turn(graph, value, false) : value
}

/** The same with the last axis as the second. */
export function inChannelsFirst(graph: GraphBuilder, value: Value): Value {
  return value.channelsFirst || value.shape.length < 3 ? value : turn(graph, value, true)
}

function turn(graph: GraphBuilder, value: Value, channelsFirst: boolean): Value {
  const known = turned.get(value)
  if (known !== undefined) return known
  const rank = value.shape.length
  const middle = Array.from({ length: rank - 2 }, (_, index) => index + (channelsFirst ? 1 : 2))
  const perm = channelsFirst ? [0, rank - 1, ...middle] : [0, ...middle, 1]
  const result = { ...value, name: graph.node('Transpose', [value.name], { perm }), channelsFirst }
  turned.set(value, result)
  turned.set(result, value)
  return result
}

/** Keras' axis (negative counts from the end) → the axis in the graph's tensor. */
export function toGraphAxis(value: Value, axis: number): number {
  const rank = value.shape.length
  const positive = axis < 0 ? axis + rank : axis
  if (!value.channelsFirst || positive === 0) return positive
  return positive === rank - 1 ? 1 : positive + 1
}

/** The shape of the graph's tensor. */
export function graphShape({ shape, channelsFirst }: Value): KerasShape {
  return channelsFirst ? [shape[0]!, shape.at(-1)!, ...shape.slice(1, -1)] : shape
}
