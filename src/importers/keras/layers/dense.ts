// Dense layers and embeddings.
import { DATA_TYPE } from '../../../onnx/proto.ts'
import { activate } from '../activations.ts'
import {
  asFloat32,
  type Emit,
  float32,
  hasFlag,
  plain,
  plainInput,
  textOf,
  unsupported,
} from '../layer-call.ts'
import { bad } from '../model-config.ts'
import { foldedBias } from './convolve.ts'

const dense: Emit = (call) => {
  const { graph, layer, weights, norm } = call
  const x = plainInput(call)
  const biased = hasFlag(layer.config, 'use_bias', true)
  const [kernel, bias] = weights.own(biased ? ['kernel', 'bias'] : ['kernel'])
  const [inputs, units] = kernel!.dims as [number, number]
  if (kernel!.dims.length !== 2 || (x.shape.at(-1) !== null && x.shape.at(-1) !== inputs)) {
    throw bad(`the weights of "${layer.name}" do not fit its input`)
  }
  const weight = call.constant('kernel', () => {
    const data = asFloat32(kernel!)
    if (norm === null) return float32(kernel!.dims, data)
    return float32(
      kernel!.dims,
      data.map((value, at) => value * norm.scale[at % units]!),
    )
  })
  const hasBias = bias !== undefined || norm !== null
  const shift = hasBias ? call.constant('bias', () => foldedBias(bias, norm)) : null
  const shape = [...x.shape.slice(0, -1), units]
  if (x.shape.length === 2 && shift !== null) {
    const name = graph.node('Gemm', [x.name, weight, shift])
    return activate(call, { ...x, name, shape })
  }
  const product = graph.node('MatMul', [x.name, weight])
  const name = shift === null ? product : graph.node('Add', [product, shift])
  return activate(call, { ...x, name, shape })
}

/** Whole numbers → rows of a table; with mask_zero, 0 is a step that does not count. */
const embedding: Emit = (call) => {
  const { graph, layer, weights } = call
  const x = plainInput(call)
  const [table] = weights.own(['embeddings'])
  if (table!.dims.length !== 2) throw bad(`the weights of "${layer.name}" are no table`)
  const rows = call.constant('embeddings', () => float32(table!.dims, asFloat32(table!)))
  const ids = x.type.includes('int')
    ? x.name
    : graph.node('Cast', [x.name], { to: DATA_TYPE.int32 })
  const name = graph.node('Gather', [rows, ids], { axis: 0 })
  const value = { ...plain(x, name, [...x.shape, table!.dims[1]!]), type: 'float32' as const }
  if (!hasFlag(layer.config, 'mask_zero', false)) return value
  const zero = graph.initializer('zero', { type: 'int64', dims: [], data: BigInt64Array.of(0n) })
  const long = graph.node('Cast', [x.name], { to: DATA_TYPE.int64 })
  const counts = graph.node('Not', [graph.node('Equal', [long, zero])])
  return { ...value, mask: { ...plain(x, counts, x.shape), type: 'bool' } }
}

/** Equations such as `abc,cd->abd`: ONNX has the same operator. */
const einsumDense: Emit = (call) => {
  const { graph, layer, weights } = call
  const x = plainInput(call)
  const equation = textOf(layer, 'equation', '')
  const biased = layer.config.bias_axes !== null && layer.config.bias_axes !== undefined
  const [kernel, bias] = weights.own(biased ? ['kernel', 'bias'] : ['kernel'])
  const [terms, result] = equation.replaceAll(' ', '').split('->')
  const [left, right] = (terms ?? '').split(',')
  if (!left || !right || !result) throw unsupported(layer, `its equation is "${equation}"`)
  const weight = call.constant('kernel', () => float32(kernel!.dims, asFloat32(kernel!)))
  // `...` stands for the axes in front.
  const sizes = new Map<string, number | null>()
  const letters = left.replace('...', '')
  const skipped = x.shape.length - letters.length
  ;[...letters].forEach((letter, at) => {
    sizes.set(letter, x.shape[left.startsWith('...') ? at + skipped : at]!)
  })
  ;[...right].forEach((letter, at) => {
    sizes.set(letter, kernel!.dims[at]!)
  })
  const named = [...result.replace('...', '')].map((letter) => sizes.get(letter) ?? null)
  const shape = result.startsWith('...') ? [...x.shape.slice(0, skipped), ...named] : named
  const product = graph.node('Einsum', [x.name, weight], { equation: `${terms}->${result}` })
  const shift = bias && call.constant('bias', () => float32(bias.dims, asFloat32(bias)))
  const name = shift ? graph.node('Add', [product, shift]) : product
  return activate(call, plain(x, name, shape))
}

export const DENSE: Readonly<Record<string, Emit>> = {
  Dense: dense,
  EinsumDense: einsumDense,
  Embedding: embedding,
}
