// Layers around other layers: the same at every step of time, and both ways through time.
import {
  type Emit,
  fixed,
  integers,
  type LayerCall,
  plain,
  plainInput,
  textOf,
  unsupported,
} from '../layer-call.ts'
import { isObject, type LayerConfig, readLayer } from '../model-config.ts'
import { inKerasOrder, type Value } from '../value.ts'
import { concatenate } from './reshape.ts'

function innerLayer(layer: LayerConfig, key: string): LayerConfig {
  const value = layer.config[key]
  if (isObject(value)) return readLayer({ name: `${layer.name}/${key}`, ...value })
  throw unsupported(layer, `it holds no ${key}`)
}

/** [batch, steps, …] as [batch · steps, …] through the layer, and back. */
const timeDistributed: Emit = (call) => {
  const { graph, layer, weights } = call
  const x = plainInput(call)
  const inside = innerLayer(layer, 'layer')
  const [batch, steps, ...rest] = x.shape
  const count = fixed(layer, steps, 'the number of its steps')
  const dims = rest.map((dim) => fixed(layer, dim, 'the shape of its steps'))
  const rows = graph.node('Reshape', [x.name, integers(graph, [-1, ...dims])])
  // One in a model file has the name of its own weights; the path of older ones runs through the inner layer or not.
  const part = weights.part('layer')
  const [y] = call.inner('layer', inside, part, [plain(x, rows, [null, ...dims])])
  const out = inKerasOrder(graph, y!)
  const sizes = out.shape.slice(1).map((dim) => fixed(layer, dim, 'the shape of its output'))
  const name = graph.node('Reshape', [out.name, integers(graph, [-1, count, ...sizes])])
  return { ...plain(out, name, [batch!, count, ...sizes]), mask: x.mask }
}

const bidirectional: Emit = (call) => {
  const { layer, weights } = call
  const x = plainInput(call)
  const forward = innerLayer(layer, 'layer')
  const backward = isObject(layer.config.backward_layer)
    ? innerLayer(layer, 'backward_layer')
    : { ...forward, config: { ...forward.config, go_backwards: !forward.config.go_backwards } }
  if (call.inputs.length > 1 || call.kwargs.initial_state) {
    throw unsupported(layer, 'it is given a first state')
  }
  const sequences = forward.config.return_sequences === true
  const run = (key: string, one: LayerConfig): readonly Value[] => {
    // Keras 2 sets this without storing it.
    const inside = sequences
      ? { ...one, config: { ...one.config, zero_output_for_mask: true } }
      : one
    const names = [
      `${key}_${forward.name}`,
      `${key}_${forward.config.name}`,
      String(inside.config.name),
    ]
    const part = weights.part(`${key}_layer`, names)
    return call.inner(key, inside, part, [x])
  }
  const [there, ...thereStates] = run('forward', forward)
  const [back, ...backStates] = run('backward', backward)
  const turned = sequences ? flipSteps(call, back!) : back!
  const states = [...thereStates, ...backStates]
  const mode: unknown = layer.config.merge_mode === undefined ? 'concat' : layer.config.merge_mode
  if (mode === null) return [there!, turned, ...states]
  return [{ ...merge(call, there!, turned), mask: sequences ? x.mask : null }, ...states]
}

function merge(call: LayerCall, a: Value, b: Value): Value {
  const { graph, layer } = call
  const mode = textOf(layer, 'merge_mode', 'concat')
  if (mode === 'concat') return concatenate(call, [a, b], -1)
  if (mode === 'mul') return { ...a, name: graph.node('Mul', [a.name, b.name]) }
  const sum = graph.node('Add', [a.name, b.name])
  if (mode === 'sum') return { ...a, name: sum }
  if (mode !== 'ave') throw unsupported(layer, `its merge_mode is "${mode}"`)
  const half = graph.initializer('half', { type: 'float32', dims: [], data: Float32Array.of(0.5) })
  return { ...a, name: graph.node('Mul', [sum, half]) }
}

/** The steps in reverse. */
export function flipSteps({ graph }: Pick<LayerCall, 'graph'>, x: Value): Value {
  const numbers = [[-1], [-(2 ** 31)], [1], [-1]].map((values) => integers(graph, values))
  return { ...x, name: graph.node('Slice', [x.name, ...numbers]) }
}

export const WRAPPERS: Readonly<Record<string, Emit>> = {
  TimeDistributed: timeDistributed,
  Bidirectional: bidirectional,
}
