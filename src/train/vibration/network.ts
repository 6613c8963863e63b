// The layers between what the autoencoder is given and what it rebuilds: one form for features, two for raw windows.
import type { GraphBuilder } from '../../onnx/graph.ts'
import { longs } from '../../tensor/tensor.ts'
import { filled, glorotUniform } from '../layers/initialise.ts'
import { convolution, dense } from '../layers/layers.ts'
import { lstm } from '../layers/recurrent.ts'
import { createRandom, type Random } from '../random.ts'

/** What a training may ask for; `dense` sees features, the others the points themselves. */
export const ARCHITECTURES = ['dense', 'convolutional', 'lstm'] as const
export type Architecture = (typeof ARCHITECTURES)[number]

export interface NetworkShape {
  readonly architecture: Architecture
  /** Points of a window; a multiple of 4 for `convolutional`. */
  readonly points: number
  /** Units of the hidden layers of `dense`. */
  readonly hidden: readonly number[]
  readonly seed: number
}

/** Values of a point: x, y, z, acceleration. */
const CHANNELS = 4
/** Filters of the two convolutions that halve the time; the second is the bottleneck. */
const FILTERS = [16, 4] as const
/** Units of both LSTM layers; the last state of the first is the bottleneck. */
const UNITS = 16

/** In words, for reports. */
export function describeNetwork({ architecture, hidden }: NetworkShape): string {
  if (architecture === 'lstm') return `LSTM autoencoder of ${UNITS} units`
  if (architecture === 'convolutional') {
    return `convolutional autoencoder of ${FILTERS.join(' and ')} filters`
  }
  return `dense autoencoder with hidden layers of ${hidden.join(', ')} units`
}

/** @param x [N, width] @returns the name of what is rebuilt, [N, width] */
export function addNetwork(
  graph: GraphBuilder,
  x: string,
  width: number,
  { architecture, points, hidden, seed }: NetworkShape,
): string {
  const random = createRandom(seed)
  if (architecture === 'dense') return addDense(graph, x, width, hidden, random)
  const windows = graph.node('Reshape', [
    x,
    graph.initializer('window', longs([-1, points, CHANNELS])),
  ])
  const rebuilt =
    architecture === 'lstm'
      ? addLstm(graph, windows, points, random)
      : addConvolutions(graph, windows, random)
  return graph.node('Reshape', [rebuilt, graph.initializer('flat', longs([-1, width]))])
}

function addDense(
  graph: GraphBuilder,
  x: string,
  width: number,
  hidden: readonly number[],
  random: Random,
): string {
  let value = x
  let inputs = width
  for (const [i, units] of hidden.entries()) {
    const layer = dense(graph, value, { name: `hidden${i}`, inputs, units, random })
    value = graph.node('Tanh', [layer])
    inputs = units
  }
  return dense(graph, value, { name: 'rebuilt', inputs, units: width, random })
}

/** Two convolutions over time that halve it, two transposed ones that double it again. */
function addConvolutions(graph: GraphBuilder, windows: string, random: Random): string {
  const [first, second] = FILTERS
  const half = { kernel: [3], strides: [2], random }
  let value = graph.node('Transpose', [windows], { perm: [0, 2, 1] })
  value = convolution(graph, value, { ...half, name: 'down1', inputs: CHANNELS, filters: first })
  value = graph.node('Tanh', [value])
  value = convolution(graph, value, { ...half, name: 'down2', inputs: first, filters: second })
  value = graph.node('Tanh', [value])
  value = graph.node('Tanh', [double(graph, value, 'up1', second, first, random)])
  value = double(graph, value, 'up2', first, CHANNELS, random)
  return graph.node('Transpose', [value], { perm: [0, 2, 1] })
}

/** x [N, inputs, time] → [N, filters, 2 · time]; weights `name.weight` [inputs, filters, 4] and `name.bias`. */
function double(
  graph: GraphBuilder,
  x: string,
  name: string,
  inputs: number,
  filters: number,
  random: Random,
): string {
  const fans = { fanIn: inputs * 4, fanOut: filters * 4 }
  const weight = graph.initializer(
    `${name}.weight`,
    glorotUniform([inputs, filters, 4], random, fans),
  )
  const bias = graph.initializer(`${name}.bias`, filled(filters, 0))
  const attributes = { kernel_shape: [4], strides: [2], pads: [1, 1] }
  return graph.node('ConvTranspose', [x, weight, bias], attributes, { name })
}

/** One layer reads the window, its last state is given to the other at every step, which writes it again. */
function addLstm(graph: GraphBuilder, windows: string, points: number, random: Random): string {
  const shape = { units: UNITS, steps: points, random }
  const states = lstm(graph, windows, { ...shape, name: 'reader', inputs: CHANNELS })
  const time = graph.initializer('step', longs([1]))
  const code = graph.node('Unsqueeze', [states.at(-1)!, time])
  const repeated = graph.node('Concat', Array<string>(points).fill(code), { axis: 1 })
  const written = lstm(graph, repeated, { ...shape, name: 'writer', inputs: UNITS })
  const stacked = graph.node(
    'Concat',
    written.map((state) => graph.node('Unsqueeze', [state, time])),
    { axis: 1 },
  )
  const flat = graph.node('Reshape', [stacked, graph.initializer('states', longs([-1, UNITS]))])
  return dense(graph, flat, { name: 'rebuilt', inputs: UNITS, units: CHANNELS, random })
}
