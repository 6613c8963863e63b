// Layers with fresh weights, added to a graph: the networks that are trained from nothing, and new heads. Each returns the
// name of its output; weights are named after the layer, so that patterns can choose them.

import { float } from '../../onnx/attribute.ts'
import type { GraphBuilder } from '../../onnx/graph.ts'
import type { Random } from '../random.ts'
import { filled, glorotUniform, heUniform, uniform } from './initialise.ts'

export interface DenseOptions {
  readonly name: string
  readonly inputs: number
  readonly units: number
  readonly random: Random
}

/** x [N, inputs] → [N, units]; weights `name.weight` [inputs, units] and `name.bias`. */
export function dense(graph: GraphBuilder, x: string, options: DenseOptions): string {
  const { name, inputs, units, random } = options
  const fans = { fanIn: inputs, fanOut: units }
  const weight = glorotUniform([inputs, units], random, fans)
  const names = [
    x,
    graph.initializer(`${name}.weight`, weight),
    graph.initializer(`${name}.bias`, filled(units, 0)),
  ]
  return graph.node('Gemm', names, {}, { name })
}

export interface ConvolutionOptions {
  readonly name: string
  readonly inputs: number
  readonly filters: number
  /** Sizes of the kernel, one or two. */
  readonly kernel: readonly number[]
  readonly strides?: readonly number[]
  /** `same` fills the border with zeros so that a stride of 1 keeps the size. */
  readonly padding?: 'same' | 'valid'
  /** `inputs` for a depthwise convolution. */
  readonly group?: number
  readonly bias?: boolean
  readonly random: Random
}

/** x [N, inputs, …] → [N, filters, …]; weights `name.weight` [filters, inputs / group, …] and `name.bias`. */
export function convolution(graph: GraphBuilder, x: string, options: ConvolutionOptions): string {
  const { name, inputs, filters, kernel, random, group = 1, bias = true } = options
  const dims = [filters, inputs / group, ...kernel]
  const fanIn = dims.slice(1).reduce((all, dim) => all * dim, 1)
  const names = [x, graph.initializer(`${name}.weight`, heUniform(dims, random, fanIn))]
  if (bias) names.push(graph.initializer(`${name}.bias`, filled(filters, 0)))
  const attributes = {
    kernel_shape: kernel,
    strides: options.strides ?? kernel.map(() => 1),
    auto_pad: options.padding === 'valid' ? 'VALID' : 'SAME_UPPER',
    group,
  }
  return graph.node('Conv', names, attributes, { name })
}

/** x [N, channels, …], each channel brought to mean `name.bias` and deviation `name.scale`. */
export function batchNormalization(
  graph: GraphBuilder,
  x: string,
  options: { readonly name: string; readonly channels: number; readonly momentum?: number },
): string {
  const { name, channels, momentum = 0.9 } = options
  const names = [
    x,
    graph.initializer(`${name}.scale`, filled(channels, 1)),
    graph.initializer(`${name}.bias`, filled(channels, 0)),
    graph.initializer(`${name}.mean`, filled(channels, 0)),
    graph.initializer(`${name}.variance`, filled(channels, 1)),
  ]
  const attributes = { epsilon: float(1e-3), momentum: float(momentum) }
  return graph.node('BatchNormalization', names, attributes, { name })
}

/** Drops a part of the elements in training; passes all of them on in service. */
export function dropout(graph: GraphBuilder, x: string, rate: number): string {
  const data = Float32Array.of(rate)
  return graph.node('Dropout', [x, graph.initializer('rate', { type: 'float32', dims: [], data })])
}

/** ids int64 of any shape → […, width]; the table is `name.weight` [count, width]. */
export function embedding(
  graph: GraphBuilder,
  ids: string,
  options: {
    readonly name: string
    readonly count: number
    readonly width: number
    readonly random: Random
  },
): string {
  const { name, count, width, random } = options
  const table = graph.initializer(`${name}.weight`, uniform([count, width], random, 0.05))
  return graph.node('Gather', [table, ids], { axis: 0 }, { name })
}
