// The layers that are put on a frozen network: those of the contract's notebook. Their weights are called `head.…`.
import { cutModel } from '../../onnx/cut-model.ts'
import { extendGraph, type GraphBuilder } from '../../onnx/graph.ts'
import { inferShapes } from '../../onnx/infer-shapes.ts'
import type { ModelProto } from '../../onnx/proto.ts'
import { upgradeModel } from '../../onnx/upgrade-opset.ts'
import type { Tensor, Tensors } from '../../tensor/tensor.ts'
import { batchNormalization, dense, dropout } from '../layers/layers.ts'
import type { Random } from '../random.ts'
import { replaceWeights } from '../replace-weights.ts'

export interface HeadOptions {
  readonly classes: number
  /** Units of the hidden layer with a Relu; null: the classes follow the features at once. */
  readonly hidden: number | null
  /** Momentum of the batch normalisation behind the hidden layer; null: there is none. */
  readonly normalise: number | null
  /** Part of the values before the classes that is dropped in training; 0: none. */
  readonly dropout: number
  readonly random: Random
}

export const PROBABILITIES = 'probabilities'
/** Output on which another head can be trained. */
export const EMBEDDING = 'embedding'

/** A network with a head of its own. */
export interface HeadedNetwork {
  /** Outputs `probabilities` [N, classes] and `embedding` [N, width]. */
  readonly model: ModelProto
  /** Name of the value that the head reads, [N, width]. */
  readonly features: string
  readonly width: number
  /** Name of the value that the loss judges. */
  readonly logits: string
}

/**
 * The network up to `at`, flattened, and the head on it.
 *
 * @param at value of at least two dimensions
 * @throws DugaError `training.no-value` where the network has no such value
 */
export function appendHead(model: ModelProto, at: string, options: HeadOptions): HeadedNetwork {
  // In one operator set, because the head's nodes had other forms before.
  const cut = cutModel(upgradeModel(model), at)
  const { shape } = inferShapes(cut, { batch: 1 }).get(at)!
  const width = shape.slice(1).reduce((all, dim) => all * dim, 1)
  const own = { ...cut.graph!, node: [...cut.graph!.node], output: [] as never[] }
  const graph = extendGraph(own)
  const flat = graph.node('Flatten', [at], { axis: 1 })
  const scores = addLayers(graph, flat, width, options)
  const logits = graph.name('logits')
  own.node.push({ input: [scores], output: [logits], opType: 'Identity', attribute: [] })
  const probabilities = graph.node('Softmax', [logits], { axis: -1 })
  graph.output(probabilities, PROBABILITIES, 'float32', ['N', options.classes])
  graph.output(flat, EMBEDDING, 'float32', ['N', width])
  return { model: { ...cut, graph: own }, features: flat, width, logits }
}

/**
 * Puts weights into a network with a head, logits multiplied with `scale` (temperature scaling).
 *
 * @param weights by name; at least those of the head
 */
export function withWeights(model: ModelProto, weights: Tensors, scale = 1): ModelProto {
  const scaled = ['head.classes.weight', 'head.classes.bias'].map((name): [string, Tensor] => {
    const { dims, data } = weights[name]!
    const values = Float32Array.from(data as Float32Array, (value) => value * scale)
    return [name, { type: 'float32', dims, data: values }]
  })
  return replaceWeights(model, { ...weights, ...Object.fromEntries(scaled) })
}

/**
 * Where a classifier's features are: behind its output `embedding`, or else what its last layer with weights reads.
 *
 * @returns undefined where it has neither
 */
export function featuresOf(model: ModelProto): string | undefined {
  const { node } = model.graph!
  const embedding = node.find(({ output }) => output.includes(EMBEDDING))
  if (embedding?.opType === 'Identity') return embedding.input[0]
  const last = node.findLast(({ opType }) => opType === 'Gemm' || opType === 'MatMul')
  return last?.input[0]
}

function addLayers(
  graph: GraphBuilder,
  features: string,
  inputs: number,
  options: HeadOptions,
): string {
  const { classes, hidden, normalise, random } = options
  let [value, width] = [features, inputs]
  if (hidden !== null) {
    const units = { name: 'head.hidden', inputs, units: hidden, random }
    value = graph.node('Relu', [dense(graph, value, units)])
    width = hidden
  }
  if (normalise !== null) {
    const channels = { name: 'head.norm', channels: width, momentum: normalise }
    value = batchNormalization(graph, value, channels)
  }
  if (options.dropout > 0) value = dropout(graph, value, options.dropout)
  return dense(graph, value, { name: 'head.classes', inputs: width, units: classes, random })
}
