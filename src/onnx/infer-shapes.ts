// Static shapes of every value of a graph, for given sizes of its free dimensions. The operators' forms are those of
// operator set 20; see upgrade-opset.ts. An operator outside the table is an error that names the node.

import { DugaError } from '../errors.ts'
import type { GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto } from './proto.ts'
import { elementwiseShapes } from './shapes/elementwise.ts'
import { foldConstant } from './shapes/fold.ts'
import { layoutShapes } from './shapes/layout.ts'
import { linearShapes } from './shapes/linear.ts'
import { reduceShapes } from './shapes/reduce.ts'
import { createShapeContext, refuseShape, type ShapeRule, type Value } from './shapes/rule.ts'
import { fromTensorProto, tensorTypeOf } from './tensor-proto.ts'

const RULES: Readonly<Record<string, ShapeRule>> = {
  ...elementwiseShapes,
  ...linearShapes,
  ...reduceShapes,
  ...layoutShapes,
}

export interface InferOptions {
  /** Size of every free dimension that has no size of its own, which is the batch in most models. */
  readonly batch?: number
  /** Shapes of inputs by name, where the graph leaves more than the batch open. */
  readonly inputs?: Readonly<Record<string, readonly number[]>>
}

/**
 * Type and shape of every value by name. Initializers and small whole numbers come with their constants.
 *
 * @throws DugaError `model.unknown-shape` naming the node
 */
export function inferShapes(model: ModelProto, options: InferOptions = {}): Map<string, Value> {
  const graph = model.graph!
  const values = givenValues(graph, options)
  for (const node of graph.node) inferNode(node, values)
  return values
}

/** As {@link inferShapes}, without the values of operators that are not in the table and what follows from them. */
export function inferKnownShapes(model: ModelProto): Map<string, Value> {
  const graph = model.graph!
  const values = givenValues(graph, {})
  for (const node of graph.node) {
    const isKnown = node.input.every((name) => name === '' || values.has(name))
    if (isKnown && isStandard(node) && node.opType! in RULES) inferNode(node, values)
  }
  return values
}

function givenValues(graph: GraphProto, options: InferOptions): Map<string, Value> {
  const values = new Map<string, Value>()
  for (const tensor of graph.initializer) values.set(tensor.name!, initializerValue(tensor))
  for (const input of graph.input) values.set(input.name!, inputValue(input, options))
  return values
}

function inferNode(node: NodeProto, values: Map<string, Value>): void {
  const rule = isStandard(node) ? RULES[node.opType!] : undefined
  if (rule === undefined) refuseShape(node, 'the operator is not in the table')
  const inputs = node.input.map((name) => (name === '' ? undefined : known(node, name, values)))
  const context = createShapeContext(node, inputs)
  const outputs = rule(context)
  for (const [i, name] of node.output.entries()) {
    if (name === '') continue
    const value = outputs[i] ?? refuseShape(node, `output ${i} is not in the table`)
    const constant = node.output.length === 1 ? foldConstant(context, value) : undefined
    values.set(name, constant === undefined ? value : { ...value, constant })
  }
}

const isStandard = ({ domain = '' }: NodeProto): boolean => domain === '' || domain === 'ai.onnx'

function known(node: NodeProto, name: string, values: Map<string, Value>): Value {
  return values.get(name) ?? refuseShape(node, `its input "${name}" comes from nowhere`)
}

function initializerValue(proto: TensorProto): Value {
  const type = tensorTypeOf(proto.dataType)
  const shape = proto.dims.map(Number)
  // Halves are read as float32, whose values fit.
  const value = { type: type ?? 'float32', shape } as const
  const small = proto.dims.reduce((all, dim) => all * dim, 1n) <= 4096n
  return small ? { ...value, constant: fromTensorProto(proto) } : value
}

function inputValue(input: ValueInfoProto, { batch, inputs }: InferOptions): Value {
  const name = input.name ?? ''
  const tensor = input.type?.tensorType
  const type = tensorTypeOf(tensor?.elemType)
  if (type === undefined) {
    throw new DugaError('model.unsupported-type', { name, type: String(tensor?.elemType) })
  }
  const given = inputs?.[name]
  if (given !== undefined) return { type, shape: given }
  const shape = (tensor?.shape?.dim ?? []).map(({ dimValue }) => {
    if (dimValue !== undefined && dimValue > 0n) return Number(dimValue)
    return batch ?? refuseShape({ ...EMPTY, name, opType: 'input' }, 'its batch size is free')
  })
  return { type, shape }
}

const EMPTY: NodeProto = { input: [], output: [], attribute: [] }
