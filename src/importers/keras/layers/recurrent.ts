// LSTM, GRU and SimpleRNN. Steps that a mask leaves out do not touch the state: the steps that count are moved to the
// front, ONNX is told how many there are, and the outputs are spread out again. Exact for any mask.
import { floats } from '../../../onnx/attribute.ts'
import type { Tensor } from '../../../tensor/tensor.ts'
import { readActivation } from '../activations.ts'
import {
  asFloat32,
  countOf,
  type Emit,
  float32,
  hasFlag,
  integers,
  type LayerCall,
  plain,
  unsupported,
  valuesOf,
} from '../layer-call.ts'
import { bad } from '../model-config.ts'
import { inKerasOrder, type Value } from '../value.ts'
import { compactSteps, spreadSteps } from './mask-steps.ts'
import { flipSteps } from './wrap.ts'

interface Kind {
  readonly op: 'LSTM' | 'GRU' | 'RNN'
  /** ONNX' gates as positions among Keras'. */
  readonly gates: readonly number[]
  readonly activations: (call: LayerCall) => readonly unknown[]
}

const config = ({ layer }: LayerCall, key: string, otherwise: string): unknown =>
  layer.config[key] === undefined ? otherwise : layer.config[key]

const KINDS: Readonly<Record<string, Kind>> = {
  // Keras: input, forget, cell, output. ONNX: input, output, forget, cell.
  LSTM: {
    op: 'LSTM',
    gates: [0, 3, 1, 2],
    activations: (call) => {
      const cell = config(call, 'activation', 'tanh')
      return [config(call, 'recurrent_activation', 'sigmoid'), cell, cell]
    },
  },
  GRU: {
    op: 'GRU',
    gates: [0, 1, 2],
    activations: (call) => [
      config(call, 'recurrent_activation', 'sigmoid'),
      config(call, 'activation', 'tanh'),
    ],
  },
  SimpleRNN: { op: 'RNN', gates: [0], activations: (call) => [config(call, 'activation', 'tanh')] },
}

const recurrent =
  (name: string): Emit =>
  (call) => {
    const { graph, layer } = call
    const { op, gates, activations } = KINDS[name]!
    const units = countOf(layer, 'units')
    const input = inKerasOrder(graph, call.inputs[0] ?? missing(call))
    const reverse = hasFlag(layer.config, 'go_backwards', false)
    const directed = reverse ? flipSteps(call, input) : input
    const mask = input.mask && (reverse ? flipSteps(call, input.mask) : input.mask)
    const compact = mask && compactSteps(graph, directed, mask)
    const steps = graph.node('Transpose', [compact?.values ?? directed.name], { perm: [1, 0, 2] })
    const { w, r, b } = weightsOf(call, gates.length, gates, units)
    const given = [...call.inputs.slice(1), ...valuesOf(call.kwargs.initial_state)]
    const states = given.map((state) => asState(call, state))
    const [y, h, c] = graph.nodes(
      op,
      [steps, w, r, b ?? '', compact?.lengths ?? '', ...states],
      op === 'LSTM' ? 3 : 2,
      { hidden_size: units, ...activationsOf(call, activations(call)), ...resetOf(call) },
    )
    const last = (state: string): Value =>
      plain(input, graph.node('Squeeze', [state, integers(graph, [0])]), [input.shape[0]!, units])
    const all = (): Value => {
      // [steps, 1, batch, units] → [batch, steps, units]
      const flat = graph.node('Squeeze', [y!, integers(graph, [1])])
      const rows = graph.node('Transpose', [flat], { perm: [1, 0, 2] })
      const zeroed = hasFlag(layer.config, 'zero_output_for_mask', false)
      const name = compact ? spreadSteps(graph, rows, compact, zeroed) : rows
      return { ...plain(input, name, [input.shape[0]!, input.shape[1]!, units]), mask: input.mask }
    }
    const output = hasFlag(layer.config, 'return_sequences', false) ? all() : last(h!)
    if (!hasFlag(layer.config, 'return_state', false)) return output
    return [output, last(h!), ...(c === undefined ? [] : [last(c)])]
  }

function missing({ layer }: LayerCall): never {
  throw unsupported(layer, 'it has no input')
}

/** [batch, units] → [1, batch, units] */
function asState({ graph }: LayerCall, state: Value): string {
  return graph.node('Unsqueeze', [inKerasOrder(graph, state).name, integers(graph, [0])])
}

function resetOf(call: LayerCall): Record<string, number> {
  if (call.layer.kind !== 'GRU') return {}
  return { linear_before_reset: resetsAfter(call) ? 1 : 0 }
}

/** Keras 1 and old Keras 2 files have no such key, and reset before. */
const resetsAfter = ({ layer }: LayerCall): boolean => hasFlag(layer.config, 'reset_after', false)

function weightsOf(
  call: LayerCall,
  count: number,
  gates: readonly number[],
  units: number,
): { w: string; r: string; b: string | null } {
  const { layer, weights } = call
  const biased = hasFlag(layer.config, 'use_bias', true)
  const roles = ['kernel', 'recurrent_kernel', ...(biased ? ['bias'] : [])]
  const [kernel, recurrentKernel, bias] = weights.part('cell').own(roles)
  const width = count * units
  const fits = ({ dims }: Tensor): boolean => dims.length === 2 && dims[1] === width
  if (!fits(kernel!) || !fits(recurrentKernel!) || recurrentKernel!.dims[0] !== units) {
    throw bad(`the weights of "${layer.name}" do not fit its ${units} units`)
  }
  const biases = bias && joinBias(call, bias, gates, units)
  return {
    w: call.constant('kernel', () => turnGates(kernel!, gates, units)),
    r: call.constant('recurrent_kernel', () => turnGates(recurrentKernel!, gates, units)),
    b: biases ? call.constant('bias', () => biases) : null,
  }
}

/** [inputs, gates · units] → [1, gates · units, inputs], the gates in ONNX' order. */
function turnGates({ dims, data }: Tensor, gates: readonly number[], units: number): Tensor {
  const [inputs, width] = dims as [number, number]
  const turned = new Float32Array(data.length)
  gates.forEach((from, to) => {
    for (let unit = 0; unit < units; unit += 1) {
      const row = (to * units + unit) * inputs
      const column = from * units + unit
      for (let i = 0; i < inputs; i += 1) turned[row + i] = Number(data[i * width + column])
    }
  })
  return { type: 'float32', dims: [1, width, inputs], data: turned }
}

/** Of the inputs and of the state: [1, 2 · gates · units]. Only a GRU that resets after has both. */
function joinBias(call: LayerCall, bias: Tensor, gates: readonly number[], units: number): Tensor {
  const width = gates.length * units
  const data = asFloat32(bias)
  const both = data.length === 2 * width
  if (data.length !== (call.layer.kind === 'GRU' && resetsAfter(call) ? 2 * width : width)) {
    throw bad(`the bias of "${call.layer.name}" does not fit its ${units} units`)
  }
  const joined = new Float32Array(2 * width)
  gates.forEach((from, to) => {
    for (let unit = 0; unit < units; unit += 1) {
      joined[to * units + unit] = data[from * units + unit]!
      if (both) joined[width + to * units + unit] = data[width + from * units + unit]!
    }
  })
  return float32([1, 2 * width], joined)
}

/** Keras' activation → ONNX' function with its alpha and beta (0 where it takes none). */
function activationsOf(call: LayerCall, values: readonly unknown[]) {
  const found = values.map((value) => {
    const { name, config: parameters } = readActivation(call, value)
    const third = 1 / 6
    const hard = call.settings.kerasMajor >= 3 ? third : 0.2
    const table: Readonly<Record<string, readonly [string, number, number]>> = {
      linear: ['Affine', 1, 0],
      relu: ['Relu', 0, 0],
      tanh: ['Tanh', 0, 0],
      sigmoid: ['Sigmoid', 0, 0],
      hard_sigmoid: ['HardSigmoid', hard, 0.5],
      softsign: ['Softsign', 0, 0],
      softplus: ['Softplus', 0, 0],
      elu: ['Elu', Number(parameters.alpha ?? 1), 0],
    }
    if (Object.hasOwn(table, name)) return table[name]!
    throw unsupported(call.layer, `a recurrent layer with the activation "${name}"`)
  })
  return {
    activations: found.map(([name]) => name),
    activation_alpha: floats(found.map(([, alpha]) => alpha)),
    activation_beta: floats(found.map(([, , beta]) => beta)),
  }
}

export const RECURRENT: Readonly<Record<string, Emit>> = {
  LSTM: recurrent('LSTM'),
  GRU: recurrent('GRU'),
  SimpleRNN: recurrent('SimpleRNN'),
}
