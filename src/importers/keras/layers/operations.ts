// Operations on tensors that stand in a model as if they were layers: `x * 2 + 1` and `keras.ops.…` of Keras 3, `tf.…` of
// Keras 2 (TFOpLambda, SlicingOpLambda).
import type { AttributeValue } from '../../../onnx/attribute.ts'
import { DATA_TYPE } from '../../../onnx/proto.ts'
import type { Tensor } from '../../../tensor/tensor.ts'
import { ACTIVATIONS } from '../activations.ts'
import {
  describe,
  type Emit,
  float32,
  integers,
  isValue,
  type LayerCall,
  like,
  plain,
  unsupported,
} from '../layer-call.ts'
import type { LayerConfig } from '../model-config.ts'
import { inChannelsFirst, inKerasOrder, type Value } from '../value.ts'
import { broadcastShape } from './merge.ts'
import { concatenate } from './reshape.ts'
import { sliceValue } from './slice.ts'

/** The argument at a place, or by one of its names. */
function argument(call: LayerCall, at: number, ...names: readonly string[]): unknown {
  const { args, kwargs, layer } = call
  const found = names.find((name) => kwargs[name] !== undefined) ?? ''
  return args[at] ?? kwargs[found] ?? layer.config[names[0] ?? '']
}

function valueArgument(call: LayerCall, at = 0, ...names: readonly string[]): Value {
  const value = argument(call, at, ...names)
  if (isValue(value)) return value
  throw unsupported(call.layer, `argument ${at} is ${describe(value)}, not a tensor`)
}

/** A number or nested lists of numbers as a tensor. */
function toConstant(layer: LayerConfig, value: unknown, type: Tensor['type']): Tensor {
  const dims: number[] = []
  for (let item = value; Array.isArray(item); item = item[0]) dims.push(item.length)
  const numbers = (Array.isArray(value) ? value.flat(8) : [value]).map((item) =>
    typeof item === 'boolean' ? Number(item) : item,
  )
  const size = dims.reduce((all, dim) => all * dim, 1)
  if (numbers.length !== size || !numbers.every((item) => typeof item === 'number')) {
    throw unsupported(layer, `an operand is ${describe(value)}`)
  }
  if (type === 'int32') return { type, dims, data: Int32Array.from(numbers) }
  if (type === 'int64')
    return { type, dims, data: BigInt64Array.from(numbers.map(Math.trunc), BigInt) }
  return float32(dims, numbers)
}

/** Two operands as NumPy broadcasts them; at most one may be a constant. */
const binary =
  (op: string, type?: 'bool'): Emit =>
  (call) => {
    const { graph, layer } = call
    const a = argument(call, 0, 'x1', 'x')
    const b = argument(call, 1, 'x2', 'y')
    const known = isValue(a) ? a : isValue(b) ? b : null
    if (known === null) throw unsupported(layer, 'it has no operand that is a tensor')
    const values = [a, b].filter(isValue)
    const equal = values.every(({ shape }) => shape.length === known.shape.length)
    const wide = [a, b].every((item) => isValue(item) || !Array.isArray(item))
    const first = equal && wide && values.some(({ channelsFirst }) => channelsFirst)
    const ready = [a, b].map((item) => {
      if (!isValue(item)) return null
      return first ? inChannelsFirst(graph, item) : inKerasOrder(graph, item)
    })
    const names = ready.map(
      (value, at) =>
        value?.name ?? graph.initializer('operand', toConstant(layer, [a, b][at], known.type)),
    )
    const shape = values.length === 2 ? broadcastShape(values.map((v) => v.shape)) : known.shape
    const model = (ready[0] ?? ready[1])!
    const name =
      op === 'NotEqual' ? graph.node('Not', [graph.node('Equal', names)]) : graph.node(op, names)
    return { ...model, name, shape, type: type ?? model.type }
  }

const simple =
  (op: string): Emit =>
  (call) => {
    const x = valueArgument(call, 0, 'x')
    return like(x, call.graph.node(op, [x.name]))
  }

const square: Emit = (call) => {
  const x = valueArgument(call, 0, 'x')
  return like(x, call.graph.node('Mul', [x.name, x.name]))
}

const activation =
  (name: string): Emit =>
  (call) => {
    const x = valueArgument(call, 0, 'x', 'features', 'logits')
    const config = { ...call.layer.config, ...call.kwargs }
    return { ...ACTIVATIONS[name]!(call.graph, x, config, 3), mask: x.mask }
  }

const reduce =
  (op: 'ReduceMean' | 'ReduceSum' | 'ReduceMax' | 'ReduceMin', any = false): Emit =>
  (call) => {
    const { graph, layer } = call
    const x = inKerasOrder(graph, valueArgument(call, 0, 'x', 'input_tensor'))
    const given = argument(call, 1, 'axis')
    if (given === undefined || given === null) throw unsupported(layer, 'it goes over the batch')
    const rank = x.shape.length
    const axes = [given].flat().map((axis) => (Number(axis) + rank) % rank)
    if (axes.includes(0) || !axes.every(Number.isInteger)) {
      throw unsupported(layer, `it goes over the axes ${describe(given)}`)
    }
    const keep = argument(call, 2, 'keepdims') === true
    const keepdims = keep ? 1 : 0
    const input = any ? graph.node('Cast', [x.name], { to: DATA_TYPE.float32 }) : x.name
    const reduced =
      op === 'ReduceSum'
        ? graph.node(op, [input, integers(graph, axes)], { keepdims })
        : graph.node(op, [input], { axes, keepdims })
    const name = any ? graph.node('Cast', [reduced], { to: DATA_TYPE.bool }) : reduced
    const shape = x.shape.flatMap((dim, at) => (axes.includes(at) ? (keep ? [1] : []) : [dim]))
    return plain(x, name, shape)
  }

const clip: Emit = (call) => {
  const { graph, layer } = call
  const x = valueArgument(call, 0, 'x', 't')
  const least = argument(call, 1, 'x_min', 'clip_value_min')
  const most = argument(call, 2, 'x_max', 'clip_value_max')
  const limits = [least, most].map((value) =>
    graph.initializer('limit', toConstant(layer, value, 'float32')),
  )
  return like(x, graph.node('Clip', [x.name, ...limits]))
}

const reshape: Emit = (call) => {
  const { graph, layer } = call
  const x = inKerasOrder(graph, valueArgument(call, 0, 'x', 'tensor'))
  const target = argument(call, 1, 'newshape', 'shape')
  const good = (dim: unknown): boolean => dim === null || Number.isInteger(dim)
  if (!Array.isArray(target) || !target.every(good) || (target[0] !== -1 && target[0] !== null)) {
    throw unsupported(layer, `it reshapes to ${describe(target)}; the batch has to stay as it is`)
  }
  const dims = target.slice(1).map((dim) => (dim === -1 ? null : (dim as number)))
  const name = graph.node('Reshape', [
    x.name,
    integers(graph, [-1, ...dims.map((dim) => dim ?? 0)]),
  ])
  if (dims.includes(null)) throw unsupported(layer, `it reshapes to ${describe(target)}`)
  return plain(x, name, [x.shape[0]!, ...dims])
}

const transpose: Emit = (call) => {
  const { graph, layer } = call
  const x = inKerasOrder(graph, valueArgument(call, 0, 'x', 'a'))
  const perm = argument(call, 1, 'axes', 'perm')
  const rank = x.shape.length
  const whole =
    Array.isArray(perm) && [...perm].sort((a, b) => a - b).every((dim, at) => dim === at)
  if (!whole || perm.length !== rank || perm[0] !== 0) {
    throw unsupported(layer, `it turns the axes to ${describe(perm)}`)
  }
  const name = graph.node('Transpose', [x.name], { perm: perm as number[] })
  return plain(
    x,
    name,
    perm.map((at) => x.shape[at]!),
  )
}

const expand: Emit = (call) => {
  const { graph } = call
  const x = inKerasOrder(graph, valueArgument(call, 0, 'x', 'input'))
  const given = Number(argument(call, 1, 'axis') ?? -1)
  const axis = given < 0 ? given + x.shape.length + 1 : given
  if (axis === 0) throw unsupported(call.layer, 'it adds an axis before the batch')
  const name = graph.node('Unsqueeze', [x.name, integers(graph, [axis])])
  return plain(x, name, [...x.shape.slice(0, axis), 1, ...x.shape.slice(axis)])
}

const squeeze: Emit = (call) => {
  const { graph } = call
  const x = inKerasOrder(graph, valueArgument(call, 0, 'x', 'input'))
  const rank = x.shape.length
  const axes = [argument(call, 1, 'axis')].flat().map((axis) => (Number(axis) + rank) % rank)
  if (!axes.every((axis) => axis > 0 && x.shape[axis] === 1)) {
    throw unsupported(call.layer, `it drops the axes ${axes.join(', ')}`)
  }
  const name = graph.node('Squeeze', [x.name, integers(graph, axes)])
  return plain(
    x,
    name,
    x.shape.filter((_, at) => !axes.includes(at)),
  )
}

const concat: Emit = (call) => {
  const values = argument(call, 0, 'xs', 'values')
  if (!Array.isArray(values) || !values.every(isValue)) {
    throw unsupported(call.layer, 'it joins what is not a tensor')
  }
  return concatenate(call, values, Number(argument(call, 1, 'axis') ?? 0))
}

const matmul: Emit = (call) => {
  const { graph, layer } = call
  const [a, b] = [valueArgument(call, 0, 'x1', 'a'), valueArgument(call, 1, 'x2', 'b')].map(
    (value) => inKerasOrder(graph, value),
  ) as [Value, Value]
  if (call.kwargs.transpose_a === true || call.kwargs.transpose_b === true || a.shape.length < 3) {
    throw unsupported(layer, 'it turns its operands')
  }
  const shape = [...a.shape.slice(0, -1), b.shape.at(-1)!]
  return plain(a, graph.node('MatMul', [a.name, b.name]), shape)
}

const cast: Emit = (call) => {
  const x = valueArgument(call, 0, 'x')
  const wanted = String(argument(call, 1, 'dtype')).replace(
    /^(float16|bfloat16|float64)$/,
    'float32',
  )
  if (!Object.hasOwn(DATA_TYPE, wanted)) throw unsupported(call.layer, `it casts to ${wanted}`)
  const type = wanted as Tensor['type']
  const attributes: Readonly<Record<string, AttributeValue>> = { to: DATA_TYPE[type] }
  return { ...x, type, name: call.graph.node('Cast', [x.name], attributes) }
}

const getItem: Emit = (call) => {
  const { graph, layer } = call
  const x = inKerasOrder(graph, valueArgument(call, 0, 'x', 'tensor'))
  return sliceValue(call, x, argument(call, 1, 'key', 'slice_spec') ?? unsupportedKey(layer))
}

function unsupportedKey(layer: LayerConfig): never {
  throw unsupported(layer, 'what it takes out is not stored')
}

/** By the class of the operation in Keras 3. */
const OPERATIONS: Readonly<Record<string, Emit>> = {
  Add: binary('Add'),
  Subtract: binary('Sub'),
  Multiply: binary('Mul'),
  TrueDivide: binary('Div'),
  Divide: binary('Div'),
  Power: binary('Pow'),
  Maximum: binary('Max'),
  Minimum: binary('Min'),
  Equal: binary('Equal', 'bool'),
  NotEqual: binary('NotEqual', 'bool'),
  Greater: binary('Greater', 'bool'),
  Less: binary('Less', 'bool'),
  LogicalAnd: binary('And', 'bool'),
  LogicalOr: binary('Or', 'bool'),
  Negative: simple('Neg'),
  Absolute: simple('Abs'),
  Abs: simple('Abs'),
  Exp: simple('Exp'),
  Log: simple('Log'),
  Sqrt: simple('Sqrt'),
  Sin: simple('Sin'),
  Cos: simple('Cos'),
  Square: square,
  Mean: reduce('ReduceMean'),
  Sum: reduce('ReduceSum'),
  Max: reduce('ReduceMax'),
  Min: reduce('ReduceMin'),
  Any: reduce('ReduceMax', true),
  Clip: clip,
  Reshape: reshape,
  Transpose: transpose,
  ExpandDims: expand,
  Squeeze: squeeze,
  Concatenate: concat,
  Matmul: matmul,
  Cast: cast,
  GetItem: getItem,
  Relu: activation('relu'),
  Relu6: activation('relu6'),
  Sigmoid: activation('sigmoid'),
  Tanh: activation('tanh'),
  Softmax: activation('softmax'),
  Silu: activation('silu'),
  Gelu: activation('gelu'),
  Elu: activation('elu'),
  Softplus: activation('softplus'),
  HardSigmoid: activation('hard_sigmoid'),
  HardSilu: activation('hard_silu'),
  LeakyRelu: activation('leaky_relu'),
}

/** The functions of TensorFlow that go by another name than the operation. */
const FUNCTIONS: Readonly<Record<string, string>> = {
  '__operators__.add': 'Add',
  '__operators__.getitem': 'GetItem',
  'math.truediv': 'TrueDivide',
  'math.pow': 'Power',
  'math.reduce_mean': 'Mean',
  'math.reduce_sum': 'Sum',
  'math.reduce_max': 'Max',
  'math.reduce_min': 'Min',
  'compat.v1.reduce_mean': 'Mean',
  'compat.v1.transpose': 'Transpose',
  clip_by_value: 'Clip',
  concat: 'Concatenate',
  'linalg.matmul': 'Matmul',
  'nn.swish': 'Silu',
  'nn.silu': 'Silu',
}

/** @returns null where the layer is no operation */
export function operationOf({ kind, module, config }: LayerConfig): Emit | null {
  if (kind === 'TFOpLambda' || kind === 'SlicingOpLambda') {
    const name = typeof config.function === 'string' ? config.function : ''
    const last = name
      .slice(name.lastIndexOf('.') + 1)
      .replaceAll('_', '')
      .toLowerCase()
    const named = Object.keys(OPERATIONS).find((key) => key.toLowerCase() === last)
    return OPERATIONS[FUNCTIONS[name] ?? named ?? ''] ?? null
  }
  // HDF5 files do not say where a class is defined; a layer says whether it can be trained.
  const bare = module === '' && !Object.hasOwn(config, 'trainable')
  const known = Object.hasOwn(OPERATIONS, kind)
  return known && (bare || /\bops\b/.test(module)) ? OPERATIONS[kind]! : null
}
