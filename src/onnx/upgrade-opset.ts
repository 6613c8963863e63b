// Rewrites a model of an older operator set to the forms of set 20, so that shape rules and gradients know one form of
// each operator: axes and bounds that were attributes become inputs, Constant nodes and stored halves initializers.

import { DugaError } from '../errors.ts'
import { longs, type Tensor } from '../tensor/tensor.ts'
import { attributeOf, createAttribute, floatOf, intOf, intsOf } from './attribute.ts'
import { extendGraph, type GraphBuilder } from './graph.ts'
import { DATA_TYPE, type ModelProto, type NodeProto, type TensorProto } from './proto.ts'
import { fromTensorProto, toTensorProto } from './tensor-proto.ts'

/** The operator set that models are brought to; newer ones stay as they are. */
export const OPSET = 20

/**
 * A new model; the given one is not changed. Tensors of weights are shared.
 *
 * @throws DugaError `model.unknown-shape` for forms that cannot be rewritten
 */
export function upgradeModel(model: ModelProto): ModelProto {
  const source = model.graph!
  const opset = Number(model.opsetImport.find(({ domain = '' }) => domain === '')?.version ?? 1n)
  const initializer = [...source.initializer]
  // The builder adds to this list of initializers; its nodes are put in their places by upgradeNode.
  const builder = extendGraph({ ...source, initializer })
  const node = source.node.flatMap((old) => upgradeNode(old, opset, builder))
  const kept = foldConstants(node, initializer)
  const stored = new Set(initializer.map(({ name }) => name))
  const input = source.input.filter(({ name }) => !stored.has(name))
  return {
    ...model,
    irVersion: 10n,
    graph: { ...source, input, initializer, node: kept },
    opsetImport: model.opsetImport.map((entry) =>
      (entry.domain ?? '') === '' ? { ...entry, version: BigInt(Math.max(opset, OPSET)) } : entry,
    ),
  }
}

const REDUCTIONS = new Set(
  ['L1', 'L2', 'LogSum', 'LogSumExp', 'Max', 'Mean', 'Min', 'Prod', 'SumSquare'].map(
    (name) => `Reduce${name}`,
  ),
)

function upgradeNode(node: NodeProto, opset: number, graph: GraphBuilder): NodeProto[] {
  const op = node.opType ?? ''
  const axesAreOld =
    (REDUCTIONS.has(op) && opset < 18) ||
    (['ReduceSum', 'Squeeze', 'Unsqueeze'].includes(op) && opset < 13)
  if (axesAreOld) return [toInputs(node, ['axes'], graph)]
  if (op === 'Split' && opset < 18) return [upgradeSplit(node, opset, graph)]
  if (op === 'Slice' && opset < 10) return [toInputs(node, ['starts', 'ends', 'axes'], graph)]
  if (op === 'Pad' && opset < 11) return [upgradePad(node, graph)]
  if (op === 'Clip' && opset < 11) return [upgradeClip(node, graph)]
  if (op === 'Dropout' && opset < 12) {
    return [{ ...node, attribute: [], input: [node.input[0]!], output: node.output.slice(0, 1) }]
  }
  if (op === 'BatchNormalization') return [upgradeBatchNormalization(node, opset)]
  if ((op === 'Softmax' || op === 'LogSoftmax') && opset < 13) return upgradeSoftmax(node, graph)
  if (op === 'Upsample') return refuse(node, 'Upsample was replaced by Resize')
  return [node]
}

function toInputs(node: NodeProto, names: readonly string[], graph: GraphBuilder): NodeProto {
  const input = [...node.input]
  for (const name of names) {
    const set = attributeOf(node, name) !== undefined
    input.push(set ? graph.initializer(name, longs(intsOf(node, name, []))) : '')
  }
  while (input.at(-1) === '') input.pop()
  const attribute = node.attribute.filter(({ name }) => !names.includes(name!))
  return { ...node, input, attribute }
}

function upgradeSplit(node: NodeProto, opset: number, graph: GraphBuilder): NodeProto {
  const split = opset < 13 ? toInputs(node, ['split'], graph) : node
  if (split.input.length > 1) return split
  const count = createAttribute('num_outputs', node.output.length)
  return { ...split, attribute: [...split.attribute, count] }
}

function upgradePad(node: NodeProto, graph: GraphBuilder): NodeProto {
  const upgraded = toInputs(node, ['pads'], graph)
  const value = graph.initializer('value', scalar(floatOf(node, 'value', 0)))
  const attribute = upgraded.attribute.filter(({ name }) => name !== 'value')
  return { ...upgraded, input: [...upgraded.input, value], attribute }
}

function upgradeClip(node: NodeProto, graph: GraphBuilder): NodeProto {
  const bound = (name: string): string =>
    attributeOf(node, name) === undefined
      ? ''
      : graph.initializer(name, scalar(floatOf(node, name, 0)))
  return { ...node, input: [node.input[0]!, bound('min'), bound('max')], attribute: [] }
}

function upgradeBatchNormalization(node: NodeProto, opset: number): NodeProto {
  if (opset < 9 && intOf(node, 'spatial', 1) === 0) {
    return refuse(node, 'statistics a position are not supported')
  }
  const kept = ['epsilon', 'momentum']
  const attribute = node.attribute.filter(({ name }) => kept.includes(name!))
  return { ...node, attribute, output: node.output.slice(0, 1) }
}

/** Before set 13 the softmax ran over all axes from `axis` on, as over the columns of a matrix. */
function upgradeSoftmax(node: NodeProto, graph: GraphBuilder): NodeProto[] {
  const axis = intOf(node, 'axis', 1)
  const last = createAttribute('axis', -1)
  if (axis === -1) return [{ ...node, attribute: [last] }]
  const [x, y] = [node.input[0]!, node.output[0]!]
  const [shape, flat, out] = ['shape', 'flat', 'out'].map((part) => graph.name(`${y}.${part}`)) as [
    string,
    string,
    string,
  ]
  const make = (opType: string, input: string[], output: string): NodeProto => ({
    name: `${node.name ?? y}.${opType}`,
    opType,
    input,
    output: [output],
    attribute: [],
  })
  return [
    make('Shape', [x], shape),
    { ...make('Flatten', [x], flat), attribute: [createAttribute('axis', axis)] },
    { ...make(node.opType!, [flat], out), attribute: [last] },
    make('Reshape', [out, shape], y),
  ]
}

/** Constant nodes, and casts of stored halves, become initializers under the same names. */
function foldConstants(nodes: readonly NodeProto[], initializer: TensorProto[]): NodeProto[] {
  const halves = new Map(
    initializer
      .filter(({ dataType }) => dataType === DATA_TYPE.float16 || dataType === DATA_TYPE.bfloat16)
      .map((tensor) => [tensor.name!, tensor]),
  )
  const kept: NodeProto[] = []
  for (const node of nodes) {
    const tensor = constantOf(node)
    const half = node.opType === 'Cast' ? halves.get(node.input[0]!) : undefined
    if (tensor !== null) initializer.push(toTensorProto(node.output[0]!, tensor))
    else if (half !== undefined && intOf(node, 'to', 0) === DATA_TYPE.float32) {
      initializer.push(toTensorProto(node.output[0]!, fromTensorProto(half)))
    } else kept.push(node)
  }
  const used = new Set(kept.flatMap(({ input }) => input))
  const live = initializer.filter(({ name }) => used.has(name!) || !halves.has(name!))
  initializer.splice(0, initializer.length, ...live)
  return kept
}

function constantOf(node: NodeProto): Tensor | null {
  if (node.opType !== 'Constant') return null
  const value = node.attribute[0]!
  if (value.name === 'value') return fromTensorProto(value.t!)
  if (value.name === 'value_float') return scalar(value.f!)
  if (value.name === 'value_int') {
    return { type: 'int64', dims: [], data: BigInt64Array.of(value.i!) }
  }
  if (value.name === 'value_ints') return longs(value.ints.map(Number))
  if (value.name === 'value_floats') {
    const data = Float32Array.from(value.floats)
    return { type: 'float32', dims: [data.length], data }
  }
  return null
}

const scalar = (value: number): Tensor => ({
  type: 'float32',
  dims: [],
  data: Float32Array.of(value),
})

function refuse(node: NodeProto, reason: string): never {
  const name = node.name ?? node.output[0] ?? ''
  throw new DugaError('model.unknown-shape', { node: name, op: node.opType ?? '', reason })
}
