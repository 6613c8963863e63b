// ConvLSTM2D, unrolled: ONNX has no such operator, and the steps are few. The inputs of all steps are convolved at once.
import type { Tensor } from '../../../tensor/tensor.ts'
import { activate } from '../activations.ts'
import {
  countOf,
  countsOf,
  type Emit,
  fixed,
  hasFlag,
  integers,
  isChannelsFirst,
  type LayerCall,
  plain,
  plainInput,
  textOf,
  unsupported,
} from '../layer-call.ts'
import type { Value } from '../value.ts'
import { padsOf, turnKernel, windowedSize } from './convolve.ts'
import { flipSteps } from './wrap.ts'

const MOST_STEPS = 256

const convLstm: Emit = (call) => {
  const { graph, layer } = call
  if (isChannelsFirst(layer)) throw unsupported(layer, 'its pictures have their channels first')
  const given = plainInput(call)
  if (given.mask !== null) throw unsupported(layer, 'it is given a mask')
  const x = hasFlag(layer.config, 'go_backwards', false) ? flipSteps(call, given) : given
  const [batch, ...sizes] = x.shape
  const [steps, height, width, channels] = sizes.map((dim) =>
    fixed(layer, dim, 'the shape of its input'),
  ) as [number, number, number, number]
  if (steps > MOST_STEPS) throw unsupported(layer, `${steps} steps are too many to unroll`)
  const filters = countOf(layer, 'filters')
  const biased = hasFlag(layer.config, 'use_bias', true)
  const roles = ['kernel', 'recurrent_kernel', ...(biased ? ['bias'] : [])]
  const [kernel, recurrent, bias] = call.weights.part('cell').own(roles)
  const size = countsOf(layer, 'kernel_size', 2)
  const strides = countsOf(layer, 'strides', 2)
  const dilations = countsOf(layer, 'dilation_rate', 2)
  const padding = textOf(layer, 'padding', 'valid')
  const reach = size.map((one, axis) => (one - 1) * dilations[axis]! + 1)
  const pads = padsOf(call, padding, [height, width], reach, strides)!
  const [rows, columns] = windowedSize([height, width], reach, strides, padding) as [number, number]

  const all = graph.node('Reshape', [x.name, integers(graph, [-1, height, width, channels])])
  const pictures = graph.node('Transpose', [all], { perm: [0, 3, 1, 2] })
  const weight = call.constant('kernel', () => turnKernel(kernel!, 2))
  const shift = bias === undefined ? [] : [call.constant('bias', () => bias as Tensor)]
  const convolved = graph.node('Conv', [pictures, weight, ...shift], { pads, strides, dilations })
  const shape = integers(graph, [-1, steps, 4 * filters, rows, columns])
  const timed = graph.node('Reshape', [convolved, shape])
  const inputs = graph.nodes('Split', [timed], steps, { axis: 1 })

  const loop = call.constant('recurrent_kernel', () => turnKernel(recurrent!, 2))
  const loopPads = padsOf(call, 'same', [rows, columns], size, [1, 1])!
  const picture = (name: string): Value => plain(x, name, [null, filters, rows, columns])
  const cell = createCell(call, picture)
  let state: { readonly h: string; readonly c: string } | null = null
  const outputs: string[] = []
  for (const input of inputs) {
    const one = graph.node('Squeeze', [input, integers(graph, [1])])
    const sum: string =
      state === null
        ? one
        : graph.node('Add', [one, graph.node('Conv', [state.h, loop], { pads: loopPads })])
    state = cell(sum, state?.c ?? null)
    outputs.push(state.h)
  }
  const last = (name: string): Value => ({
    ...plain(x, name, [batch!, rows, columns, filters]),
    channelsFirst: true,
  })
  const output = hasFlag(layer.config, 'return_sequences', false)
    ? stack(call, x, outputs, [batch!, steps, rows, columns, filters])
    : last(state!.h)
  if (!hasFlag(layer.config, 'return_state', false)) return output
  return [output, last(state!.h), last(state!.c)]
}

/** The gates are input, forget, cell, output along the channels. */
function createCell(call: LayerCall, picture: (name: string) => Value) {
  const { graph, layer } = call
  const inner = layer.config.activation ?? 'tanh'
  const gate = layer.config.recurrent_activation ?? 'hard_sigmoid'
  const apply = (name: string, value: unknown): string => activate(call, picture(name), value).name
  return (sum: string, before: string | null): { readonly h: string; readonly c: string } => {
    const [i, f, g, o] = graph.nodes('Split', [sum], 4, { axis: 1 })
    const fresh = graph.node('Mul', [apply(i!, gate), apply(g!, inner)])
    const c =
      before === null
        ? fresh
        : graph.node('Add', [graph.node('Mul', [apply(f!, gate), before]), fresh])
    return { c, h: graph.node('Mul', [apply(o!, gate), apply(c, inner)]) }
  }
}

function stack(
  { graph }: LayerCall,
  x: Value,
  outputs: readonly string[],
  shape: Value['shape'],
): Value {
  const axis = integers(graph, [1])
  const wide = outputs.map((name) => graph.node('Unsqueeze', [name, axis]))
  const joined = graph.node('Concat', wide, { axis: 1 })
  return plain(x, graph.node('Transpose', [joined], { perm: [0, 1, 3, 4, 2] }), shape)
}

export const CONV_LSTM: Readonly<Record<string, Emit>> = { ConvLSTM2D: convLstm }
