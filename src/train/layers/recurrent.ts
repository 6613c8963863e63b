// LSTM and GRU layers unrolled over time into ordinary nodes, so that the rules of these nodes differentiate them. Weights
// lie as in ONNX's operators of the same names; tests compare the two.

import type { GraphBuilder } from '../../onnx/graph.ts'
import { longs, type Tensor } from '../../tensor/tensor.ts'
import type { Random } from '../random.ts'
import { filled, glorotUniform } from './initialise.ts'

export interface RecurrentOptions {
  readonly name: string
  readonly inputs: number
  readonly units: number
  /** Length of every sequence. */
  readonly steps: number
  readonly random: Random
}

/**
 * x [N, steps, inputs] → the hidden state after every step, each [N, units]. Weights `name.weight` [inputs, 4 · units],
 * `name.recurrent` [units, 4 · units] and `name.bias` [4 · units] hold the gates input, output, forget, cell; the
 * forget gate's bias begins at 1.
 */
export function lstm(graph: GraphBuilder, x: string, options: RecurrentOptions): string[] {
  const { name, units } = options
  const bias = filled(4 * units, 0)
  bias.data.fill(1 as never, 2 * units, 3 * units)
  const { inputs, recurrent } = project(graph, x, options, bias)
  const gateSizes = graph.initializer(`${name}.gates`, longs([units, units, units, units]))
  let hidden: string | undefined
  let cell: string | undefined
  return inputs.map((input) => {
    const sum = hidden === undefined ? input : graph.node('Add', [input, recurrent(hidden)])
    const [i, o, f, c] = graph.nodes('Split', [sum, gateSizes], 4, { axis: 1 })
    const candidate = graph.node('Tanh', [c!])
    const added = graph.node('Mul', [graph.node('Sigmoid', [i!]), candidate])
    const forget = graph.node('Sigmoid', [f!])
    cell =
      cell === undefined ? added : graph.node('Add', [graph.node('Mul', [forget, cell]), added])
    hidden = graph.node('Mul', [graph.node('Sigmoid', [o!]), graph.node('Tanh', [cell])])
    return hidden
  })
}

/**
 * x [N, steps, inputs] → the hidden state after every step, each [N, units]. Weights as for {@link lstm}, with the gates
 * update, reset, hidden and a bias of the recurrent part, `name.recurrent_bias`; the reset gate works on the
 * product (`linear_before_reset` = 1), as Keras' and PyTorch's do.
 */
export function gru(graph: GraphBuilder, x: string, options: RecurrentOptions): string[] {
  const { name, units } = options
  const { inputs, recurrent } = project(graph, x, options, filled(3 * units, 0), 3)
  const inner = graph.initializer(`${name}.recurrent_bias`, filled(3 * units, 0))
  const gateSizes = graph.initializer(`${name}.gates`, longs([units, units, units]))
  const one = graph.initializer(`${name}.one`, {
    type: 'float32',
    dims: [],
    data: Float32Array.of(1),
  })
  let hidden: string | undefined
  return inputs.map((input) => {
    const product = hidden === undefined ? inner : graph.node('Add', [recurrent(hidden), inner])
    const axis = hidden === undefined ? 0 : 1
    const [z, r, h] = graph.nodes('Split', [input, gateSizes], 3, { axis: 1 })
    const [zh, rh, hh] = graph.nodes('Split', [product, gateSizes], 3, { axis })
    const update = graph.node('Sigmoid', [graph.node('Add', [z!, zh!])])
    const reset = graph.node('Sigmoid', [graph.node('Add', [r!, rh!])])
    const inside = graph.node('Add', [h!, graph.node('Mul', [reset, hh!])])
    const fresh = graph.node('Mul', [
      graph.node('Sub', [one, update]),
      graph.node('Tanh', [inside]),
    ])
    hidden =
      hidden === undefined ? fresh : graph.node('Add', [fresh, graph.node('Mul', [update, hidden])])
    return hidden
  })
}

/** The input's part of every gate at every step, in one product for all steps. */
function project(
  graph: GraphBuilder,
  x: string,
  { name, inputs, units, steps, random }: RecurrentOptions,
  bias: Tensor,
  gates = 4,
): { inputs: string[]; recurrent: (hidden: string) => string } {
  const width = gates * units
  const weight = glorotUniform([inputs, width], random, { fanIn: inputs, fanOut: width })
  const inner = glorotUniform([units, width], random, { fanIn: units, fanOut: width })
  const product = graph.node('MatMul', [x, graph.initializer(`${name}.weight`, weight)])
  const sum = graph.node('Add', [product, graph.initializer(`${name}.bias`, bias)])
  const recurrent = graph.initializer(`${name}.recurrent`, inner)
  const ones = graph.initializer(`${name}.steps`, longs(Array<number>(steps).fill(1)))
  const time = graph.initializer(`${name}.time`, longs([1]))
  const slices = graph.nodes('Split', [sum, ones], steps, { axis: 1 })
  return {
    inputs: slices.map((slice) => graph.node('Squeeze', [slice, time])),
    recurrent: (hidden) => graph.node('MatMul', [hidden, recurrent]),
  }
}
