// The network of the vibration service, in two forms: on scaled values, which is trained, and whole, which is served.
import { createGraph } from '../../onnx/graph.ts'
import type { ModelProto } from '../../onnx/proto.ts'
import type { Tensors } from '../../tensor/tensor.ts'
import { replaceWeights } from '../replace-weights.ts'
import type { Front } from './front.ts'
import { addNetwork, type NetworkShape } from './network.ts'

/** x [N, width] → y [N, width] with fresh weights. */
export function createAutoencoder(width: number, network: NetworkShape): ModelProto {
  const graph = createGraph('autoencoder')
  const x = graph.input('x', 'float32', ['N', width])
  graph.output(addNetwork(graph, x, width, network), 'y', 'float32', ['N', width])
  return graph.build()
}

export interface ServedParts {
  readonly front: Front
  readonly network: NetworkShape
  /** Of a trained {@link createAutoencoder}. */
  readonly weights: Tensors
}

/** Raw windows `input` [N, points, 4] → `output` and what it is compared with, `scaled`, both [N, width]. */
export function createServedModel({ front, network, weights }: ServedParts): ModelProto {
  const { width } = front
  const graph = createGraph('vibration')
  const input = graph.input('input', 'float32', ['N', network.points, 4])
  const scaled = front.add(graph, input)
  const output = addNetwork(graph, scaled, width, { ...network, seed: 0 })
  graph.output(output, 'output', 'float32', ['N', width])
  graph.output(scaled, 'scaled', 'float32', ['N', width])
  return replaceWeights(graph.build(), weights)
}
