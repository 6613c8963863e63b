// What the autoencoder sees of a window, as ONNX nodes: the sensor's resting position, how strongly and how fast each
// axis shakes, and how the axes move together. It is part of the model, so that training and service compute the same.
import type { GraphBuilder } from '../../onnx/graph.ts'
import { longs, type Tensor } from '../../tensor/tensor.ts'

/** Mean, log deviation and log deviation of the differences of each axis; correlation of each pair of axes. */
export const FEATURES = 12

/** Smallest deviation that is told from none, an axis each: below it is the noise of the sensor. */
export type Floors = readonly [number, number, number]

/** @param x raw windows [N, points, 4] as x, y, z, acceleration @returns the name of the features [N, 12] */
export function addFeatures(graph: GraphBuilder, x: string, floors: Floors): string {
  const floor = graph.initializer('floors', floats([3], floors))
  const select = (value: string, indexes: readonly number[], axis: number): string =>
    graph.node('Gather', [value, graph.initializer('indexes', longs(indexes))], { axis })
  const meanOf = (value: string, keepdims: number): string =>
    graph.node('ReduceMean', [value], { axes: [1], keepdims })
  const axes = select(x, [0, 1, 2], 2)
  const centred = graph.node('Sub', [axes, meanOf(axes, 1)])
  const deviationOf = (values: string): string =>
    graph.node('Sqrt', [meanOf(graph.node('Mul', [values, values]), 0)])
  const raised = graph.node('Add', [deviationOf(centred), floor])
  const slice = (start: number, end: number): string =>
    graph.node('Slice', [
      axes,
      graph.initializer('start', longs([start])),
      graph.initializer('end', longs([end])),
      graph.initializer('axes', longs([1])),
    ])
  const differences = graph.node('Sub', [slice(1, Number.MAX_SAFE_INTEGER), slice(0, -1)])
  const speed = graph.node('Add', [deviationOf(differences), floor])
  const products = graph.node('Mul', [select(centred, [0, 0, 1], 2), select(centred, [1, 2, 2], 2)])
  const scales = graph.node('Mul', [select(raised, [0, 0, 1], 1), select(raised, [1, 2, 2], 1)])
  const correlations = graph.node('Div', [meanOf(products, 0), scales])
  const parts = [meanOf(axes, 0), graph.node('Log', [raised]), graph.node('Log', [speed])]
  return graph.node('Concat', [...parts, correlations], { axis: 1 })
}

const floats = (dims: readonly number[], values: readonly number[]): Tensor => ({
  type: 'float32',
  dims,
  data: Float32Array.from(values),
})
