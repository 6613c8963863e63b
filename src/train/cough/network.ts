// The network of a cough model: mel spectrogram in dB → probabilities. Depthwise separable convolutions, some 50,000
// weights. Padding is found in the graph and left out of every mean, so that the length of a recording says nothing.
import type { GraphBuilder } from '../../onnx/graph.ts'
import { createGraph } from '../../onnx/graph.ts'
import type { ModelProto } from '../../onnx/proto.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { batchNormalization, convolution, dense, dropout } from '../layers/layers.ts'
import { createRandom, type Random } from '../random.ts'
import type { CoughDecode } from './recipe.ts'

/** The value that the loss judges. */
export const LOGITS = 'logits'
/** The scalar that logits are multiplied with before the softmax; 1 until it is calibrated. */
export const SCALE = 'scale'

/** Filters of the first convolution, then of each block; every one but the last halves both axes. */
const FILTERS = [24, 48, 96, 128, 160] as const
/** Levels further below the maximum count as this, dB: a recorder's floor is no sign of anything. */
const FLOOR = -60

export interface NetworkOptions {
  readonly decode: CoughDecode
  readonly classes: number
  readonly dropout: number
  readonly seed: number
}

/** `x` [N, 1, mels, frames] → `probabilities` [N, classes]. Mels and frames are multiples of 16. */
export function createCoughNetwork(options: NetworkOptions): ModelProto {
  const { decode, classes, seed } = options
  const { mels, frames } = decode
  const random = createRandom(seed)
  const graph = createGraph('cough')
  const input = graph.input('x', 'float32', ['N', 1, mels, frames])
  const heard = findHeard(graph, input)
  const levels = graph.node('Mul', [toUnit(graph, input), heard])
  const features = addBlocks(graph, levels, random)
  const pooled = poolHeard(graph, features, heard)
  const width = 2 * FILTERS.at(-1)!
  const kept = dropout(graph, pooled, options.dropout)
  const logits = dense(graph, kept, { name: LOGITS, inputs: width, units: classes, random })
  const scale = graph.initializer(SCALE, scalar(1))
  const probabilities = graph.node('Softmax', [graph.node('Mul', [logits, scale])], { axis: -1 })
  graph.output(probabilities, 'probabilities', 'float32', ['N', classes])
  // ReduceMin takes its axes as an input from 18 on.
  return graph.build({ opset: 20, irVersion: 9 })
}

/** 1 where a column is sound, 0 where it is padding: 0 dB in all bands [N, 1, 1, frames]. */
function findHeard(graph: GraphBuilder, x: string): string {
  const axes: Tensor = { type: 'int64', dims: [1], data: BigInt64Array.of(2n) }
  const least = graph.node('ReduceMin', [x, graph.initializer('bands', axes)], { keepdims: 1 })
  const isSound = graph.node('Less', [least, graph.initializer('quiet', scalar(-1e-3))])
  return graph.node('Cast', [isSound], { to: 1 })
}

/** dB → 0..1. */
function toUnit(graph: GraphBuilder, x: string): string {
  const floored = graph.node('Max', [x, graph.initializer('floor', scalar(FLOOR))])
  const scaled = graph.node('Mul', [floored, graph.initializer('range', scalar(-1 / FLOOR))])
  return graph.node('Add', [scaled, graph.initializer('one', scalar(1))])
}

function addBlocks(graph: GraphBuilder, levels: string, random: Random): string {
  const [first, ...others] = FILTERS
  const square = { kernel: [3, 3], bias: false, random }
  let x = convolution(graph, levels, {
    ...{ ...square, name: 'stem', inputs: 1, filters: first, strides: [2, 2] },
  })
  x = activate(graph, x, 'stem.norm', first)
  let inputs: number = first
  for (const [i, filters] of others.entries()) {
    const name = `block${i + 1}`
    const strides = i === others.length - 1 ? [1, 1] : [2, 2]
    const depthwise = { ...square, name: `${name}.depthwise`, inputs, filters: inputs }
    x = convolution(graph, x, { ...depthwise, group: inputs, strides })
    x = batchNormalization(graph, x, { name: `${name}.middle`, channels: inputs })
    const point = { name: `${name}.point`, inputs, filters, kernel: [1, 1], bias: false, random }
    x = activate(graph, convolution(graph, x, point), `${name}.norm`, filters)
    inputs = filters
  }
  return x
}

function activate(graph: GraphBuilder, x: string, name: string, channels: number): string {
  return graph.node('Relu', [batchNormalization(graph, x, { name, channels })])
}

/** Mean over what was heard, and maximum, side by side [N, 2 · channels]. */
function poolHeard(graph: GraphBuilder, features: string, heard: string): string {
  const kernel = 2 ** (FILTERS.length - 1)
  const window = { kernel_shape: [1, kernel], strides: [1, kernel] }
  const share = graph.node('AveragePool', [heard], window)
  const weighed = graph.node('Mul', [features, share])
  const mean = graph.node('GlobalAveragePool', [weighed])
  const part = graph.node('GlobalAveragePool', [share])
  const least = graph.initializer('least', scalar(1e-3))
  const fair = graph.node('Div', [mean, graph.node('Max', [part, least])])
  const most = graph.node('GlobalMaxPool', [weighed])
  return graph.node('Flatten', [graph.node('Concat', [fair, most], { axis: 1 })], { axis: 1 })
}

const scalar = (value: number): Tensor => ({
  type: 'float32',
  dims: [],
  data: Float32Array.of(value),
})
