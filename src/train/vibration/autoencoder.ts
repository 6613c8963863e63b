// The network of the vibration service, in two forms: on scaled features, which is trained, and whole, which is served.
import type { GraphBuilder } from '../../onnx/graph.ts'
import { createGraph } from '../../onnx/graph.ts'
import type { ModelProto } from '../../onnx/proto.ts'
import type { Tensor, Tensors } from '../../tensor/tensor.ts'
import { dense } from '../layers/layers.ts'
import { createRandom } from '../random.ts'
import { replaceWeights } from '../replace-weights.ts'
import { addFeatures, FEATURES, type Floors } from './feature-graph.ts'
import type { Whitening } from './whitening.ts'

/** x [N, width] → y [N, width] with fresh weights. */
export function createAutoencoder(
  width: number,
  hidden: readonly number[],
  seed: number,
): ModelProto {
  const graph = createGraph('autoencoder')
  const x = graph.input('x', 'float32', ['N', width])
  graph.output(addLayers(graph, x, { width, hidden, seed }), 'y', 'float32', ['N', width])
  return graph.build()
}

/** Raw windows [N, points, 4] → features [N, 12], unscaled. */
export function createFeatureModel(points: number, floors: Floors): ModelProto {
  const graph = createGraph('vibration-features')
  const input = graph.input('input', 'float32', ['N', points, 4])
  graph.output(addFeatures(graph, input, floors), 'features', 'float32', ['N', FEATURES])
  return graph.build()
}

export interface ServedParts {
  readonly points: number
  readonly floors: Floors
  readonly whitening: Whitening
  readonly hidden: readonly number[]
  /** Of a trained {@link createAutoencoder}. */
  readonly weights: Tensors
}

/** Raw windows `input` [N, points, 4] → `output` and what it is compared with, `scaled`, both [N, 12]. */
export function createServedModel(parts: ServedParts): ModelProto {
  const { points, floors, whitening, hidden, weights } = parts
  const graph = createGraph('vibration')
  const input = graph.input('input', 'float32', ['N', points, 4])
  const features = addFeatures(graph, input, floors)
  const constant = (name: string, dims: readonly number[], values: Float64Array): string => {
    const tensor: Tensor = { type: 'float32', dims, data: Float32Array.from(values) }
    return graph.initializer(name, tensor)
  }
  const centred = graph.node('Sub', [features, constant('mean', [FEATURES], whitening.mean)])
  const matrix = constant('whitening', [FEATURES, FEATURES], whitening.matrix)
  const scaled = graph.node('MatMul', [centred, matrix])
  const output = addLayers(graph, scaled, { width: FEATURES, hidden, seed: 0 })
  graph.output(output, 'output', 'float32', ['N', FEATURES])
  graph.output(scaled, 'scaled', 'float32', ['N', FEATURES])
  return replaceWeights(graph.build(), weights)
}

function addLayers(
  graph: GraphBuilder,
  x: string,
  shape: { readonly width: number; readonly hidden: readonly number[]; readonly seed: number },
): string {
  const { width, hidden, seed } = shape
  const random = createRandom(seed)
  let value = x
  let inputs = width
  for (const [i, units] of hidden.entries()) {
    const layer = dense(graph, value, { name: `hidden${i}`, inputs, units, random })
    value = graph.node('Tanh', [layer])
    inputs = units
  }
  return dense(graph, value, { name: 'rebuilt', inputs, units: width, random })
}
