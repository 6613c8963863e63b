// TensorFlow's operators as layers of Keras: one entry an operator.
import { DugaError } from '../../errors.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import type { Config, LayerConfig } from '../keras/model-config.ts'
import type { Value } from '../keras/value.ts'
import type { LayerWeights } from '../keras/weights.ts'
import { namedWeights } from '../keras/weights.ts'
import type { GraphNode } from './graph-node.ts'

/** What a node is given: a value that is computed, or a constant. */
export type Operand = Value | Tensor

export type Translated =
  | { readonly value: Operand }
  | {
      readonly layer: LayerConfig
      readonly weights: LayerWeights
      readonly args: readonly unknown[]
    }

interface Translation {
  readonly node: GraphNode
  readonly operands: readonly Operand[]
  /** A constant as a value of the graph. */
  readonly asValue: (tensor: Tensor) => Value
}

type Translate = (translation: Translation) => Translated

/** @throws DugaError model.unsupported-layer for an operator that is not known */
export function translateNode(
  node: GraphNode,
  operands: readonly Operand[],
  asValue: Translation['asValue'],
): Translated {
  const translate = Object.hasOwn(NODES, node.op) ? NODES[node.op] : undefined
  if (translate === undefined) throw refuse(node, 'this operator is not known here')
  return translate({ node, operands, asValue })
}

const isConstant = (operand: Operand | undefined): operand is Tensor =>
  operand !== undefined && 'data' in operand

function refuse({ name, op }: GraphNode, reason: string): DugaError {
  return new DugaError('model.unsupported-layer', { layer: name, kind: op, reason })
}

function valueAt({ node, operands, asValue }: Translation, at: number): Value {
  const operand = operands[at]
  if (operand === undefined) throw refuse(node, `its operand ${at} is missing`)
  return isConstant(operand) ? asValue(operand) : operand
}

function constantAt({ node, operands }: Translation, at: number): Tensor {
  const operand = operands[at]
  if (isConstant(operand)) return operand
  throw refuse(node, `its operand ${at} is not a constant`)
}

const numbersAt = (translation: Translation, at: number): readonly number[] =>
  Array.from(constantAt(translation, at).data, Number)

function asLayer(
  { node }: Pick<Translation, 'node'>,
  kind: string,
  config: Config,
  args: readonly unknown[],
  weights: Readonly<Record<string, Tensor>> = {},
  module = '',
): Translated {
  const layer = {
    kind,
    name: node.name,
    config: { trainable: false, ...config },
    module,
    calls: [],
  }
  const held = Object.entries(weights).map(([role, tensor]) => ({ path: [role], tensor }))
  return { layer, args, weights: namedWeights(held, node.name) }
}

const ACTIVATIONS: Readonly<Record<string, string>> = {
  Relu: 'relu',
  Relu6: 'relu6',
  Elu: 'elu',
  Selu: 'selu',
  Sigmoid: 'sigmoid',
  Tanh: 'tanh',
  Softplus: 'softplus',
  Softsign: 'softsign',
}

/** The bias and the activation that a fused node applies. */
function fusedOf(translation: Translation): { activation: unknown; bias: Tensor | null } {
  const { node } = translation
  let activation: unknown = 'linear'
  let bias: Tensor | null = null
  for (const op of node.texts('fused_ops')) {
    if (op === 'BiasAdd') bias = constantAt(translation, 2)
    else if (op === 'LeakyRelu') activation = leaky(node.number('leakyrelu_alpha', 0.2))
    else if (op === 'Prelu') throw refuse(node, 'a fused Prelu')
    else if (Object.hasOwn(ACTIVATIONS, op)) activation = ACTIVATIONS[op]
    else throw refuse(node, `the fused operator ${op}`)
  }
  return { activation, bias }
}

const leaky = (alpha: number): Config => ({
  class_name: 'leaky_relu',
  config: { negative_slope: alpha },
})

/** Height and width of an attribute that has all four axes; NHWC alone. */
function window(node: GraphNode, attribute: string): readonly number[] {
  if (node.text('data_format', 'NHWC') !== 'NHWC') throw refuse(node, 'its data_format is not NHWC')
  const values = node.numbers(attribute)
  return values.length === 4 ? values.slice(1, 3) : [1, 1]
}

function padding(node: GraphNode): string {
  const value = node.text('padding').toLowerCase()
  if (value === 'same' || value === 'valid') return value
  throw refuse(node, `its padding is "${value}"`)
}

const convolution =
  (kind: 'Conv2D' | 'DepthwiseConv2D', role: string): Translate =>
  (translation) => {
    const { node } = translation
    const kernel = constantAt(translation, 1)
    const { activation, bias } = fusedOf(translation)
    const config = {
      ...{ kernel_size: kernel.dims.slice(0, 2), strides: window(node, 'strides') },
      ...{ dilation_rate: window(node, 'dilations'), padding: padding(node) },
      ...{ use_bias: bias !== null, activation },
    }
    const weights = { [role]: kernel, ...(bias !== null && { bias }) }
    return asLayer(translation, kind, config, [valueAt(translation, 0)], weights)
  }

const pooling =
  (kind: string): Translate =>
  (translation) => {
    const { node } = translation
    const sizes = { pool_size: window(node, 'ksize'), strides: window(node, 'strides') }
    return asLayer(translation, kind, { ...sizes, padding: padding(node) }, [
      valueAt(translation, 0),
    ])
  }

const matMul: Translate = (translation) => {
  const { node, operands } = translation
  if (node.flag('transpose_a')) throw refuse(node, 'it turns its first operand')
  if (!isConstant(operands[1])) {
    if (node.flag('transpose_b')) throw refuse(node, 'it turns its second operand')
    return operation('Matmul')(translation)
  }
  const given = constantAt(translation, 1)
  const kernel = node.flag('transpose_b') ? turned(given) : given
  const { activation, bias } = fusedOf(translation)
  const config = { use_bias: bias !== null, activation }
  const weights = { kernel, ...(bias !== null && { bias }) }
  return asLayer(translation, 'Dense', config, [valueAt(translation, 0)], weights)
}

function turned({ dims, data }: Tensor): Tensor {
  const [rows, columns] = dims as [number, number]
  const values = new Float32Array(data.length)
  for (let i = 0; i < rows; i += 1) {
    for (let j = 0; j < columns; j += 1) values[j * rows + i] = Number(data[i * columns + j])
  }
  return { type: 'float32', dims: [columns, rows], data: values }
}

/** An operation of Keras 3 on its operands, constants of lower rank with axes in front. */
const operation =
  (kind: string): Translate =>
  (translation) => {
    const { operands, asValue } = translation
    const rank = Math.max(
      ...operands.map((one) => (isConstant(one) ? one.dims.length : one.shape.length)),
    )
    const values = operands.map((one) => {
      if (!isConstant(one)) return one
      const dims =
        one.dims.length === 0 ? [] : [...new Array(rank - one.dims.length).fill(1), ...one.dims]
      return dims.length === 0 ? Number(one.data[0]) : asValue({ ...one, dims })
    })
    return asLayer(translation, kind, {}, values, {}, 'ops')
  }

const reduction =
  (kind: string): Translate =>
  (translation) => {
    const { node } = translation
    const x = valueAt(translation, 0)
    const axis = numbersAt(translation, 1).map((one) => (one < 0 ? one + x.shape.length : one))
    const keepdims = node.flag('keep_dims')
    const space = axis.length === 2 && axis.includes(1) && axis.includes(2) && x.shape.length === 4
    if (space && (kind === 'Mean' || kind === 'Max')) {
      const name = kind === 'Mean' ? 'GlobalAveragePooling2D' : 'GlobalMaxPooling2D'
      return asLayer(translation, name, { keepdims }, [x])
    }
    return asLayer(translation, kind, {}, [x, axis, keepdims], {}, 'ops')
  }

const reshape: Translate = (translation) => {
  const x = valueAt(translation, 0)
  const target = numbersAt(translation, 1)
  if (target.length === 2 && target[0] === -1) return asLayer(translation, 'Flatten', {}, [x])
  return asLayer(translation, 'Reshape', {}, [x, target], {}, 'ops')
}

const pad: Translate = (translation) => {
  const { node } = translation
  const x = valueAt(translation, 0)
  const flat = numbersAt(translation, 1)
  const pairs = Array.from({ length: flat.length / 2 }, (_, at) => flat.slice(2 * at, 2 * at + 2))
  const rank = pairs.length - 2
  const inner = pairs.slice(1, -1)
  const outer = [pairs[0], pairs.at(-1)].flat()
  if (rank < 1 || rank > 3 || outer.some((size) => size !== 0)) {
    throw refuse(node, 'it pads the batch or the channels')
  }
  return asLayer(translation, `ZeroPadding${rank}D`, { padding: inner }, [x])
}

const resize =
  (interpolation: string): Translate =>
  (translation) => {
    const { node } = translation
    if (!node.flag('half_pixel_centers'))
      throw refuse(node, 'its pixels have their centres at corners')
    const [height, width] = numbersAt(translation, 1)
    return asLayer(translation, 'Resizing', { height, width, interpolation }, [
      valueAt(translation, 0),
    ])
  }

const batchNorm: Translate = (translation) => {
  const { node } = translation
  const [gamma, beta, mean, variance] = [1, 2, 3, 4].map((at) => constantAt(translation, at))
  const weights = { gamma: gamma!, beta: beta!, moving_mean: mean!, moving_variance: variance! }
  const config = { epsilon: node.number('epsilon', 1e-4), axis: -1 }
  return asLayer(translation, 'BatchNormalization', config, [valueAt(translation, 0)], weights)
}

const activation =
  (value: unknown): Translate =>
  (translation) =>
    asLayer(translation, 'Activation', { activation: value }, [valueAt(translation, 0)])

const pass: Translate = ({ node, operands }) => {
  if (operands[0] === undefined) throw refuse(node, 'it has no operand')
  return { value: operands[0] }
}

const NODES: Readonly<Record<string, Translate>> = {
  ...Object.fromEntries(Object.entries(ACTIVATIONS).map(([op, name]) => [op, activation(name)])),
  Identity: pass,
  StopGradient: pass,
  Conv2D: convolution('Conv2D', 'kernel'),
  _FusedConv2D: convolution('Conv2D', 'kernel'),
  DepthwiseConv2dNative: convolution('DepthwiseConv2D', 'depthwise_kernel'),
  FusedDepthwiseConv2dNative: convolution('DepthwiseConv2D', 'depthwise_kernel'),
  MaxPool: pooling('MaxPooling2D'),
  AvgPool: pooling('AveragePooling2D'),
  MatMul: matMul,
  _FusedMatMul: matMul,
  BatchMatMulV2: operation('Matmul'),
  BiasAdd: operation('Add'),
  Add: operation('Add'),
  AddV2: operation('Add'),
  Sub: operation('Subtract'),
  Mul: operation('Multiply'),
  RealDiv: operation('TrueDivide'),
  Div: operation('TrueDivide'),
  Maximum: operation('Maximum'),
  Minimum: operation('Minimum'),
  Pow: operation('Power'),
  Neg: operation('Negative'),
  Abs: operation('Absolute'),
  Exp: operation('Exp'),
  Log: operation('Log'),
  Sqrt: operation('Sqrt'),
  Square: operation('Square'),
  Mean: reduction('Mean'),
  Sum: reduction('Sum'),
  Max: reduction('Max'),
  Min: reduction('Min'),
  LeakyRelu: (translation) => activation(leaky(translation.node.number('alpha', 0.2)))(translation),
  Prelu: (translation) => {
    const alpha = constantAt(translation, 1)
    return asLayer(translation, 'PReLU', {}, [valueAt(translation, 0)], { alpha })
  },
  Softmax: activation('softmax'),
  LogSoftmax: activation('log_softmax'),
  FusedBatchNorm: batchNorm,
  FusedBatchNormV2: batchNorm,
  FusedBatchNormV3: batchNorm,
  Reshape: reshape,
  Pad: pad,
  PadV2: pad,
  ResizeBilinear: resize('bilinear'),
  ResizeNearestNeighbor: resize('nearest'),
  ConcatV2: (translation) => {
    const { operands } = translation
    const last = operands.length - 1
    const values = operands.slice(0, last).map((_, at) => valueAt(translation, at))
    return asLayer(
      translation,
      'Concatenate',
      {},
      [values, numbersAt(translation, last)[0]],
      {},
      'ops',
    )
  },
  Transpose: (translation) => {
    const args = [valueAt(translation, 0), [...numbersAt(translation, 1)]]
    return asLayer(translation, 'Transpose', {}, args, {}, 'ops')
  },
  Squeeze: (translation) => {
    const args = [valueAt(translation, 0), translation.node.numbers('squeeze_dims')]
    return asLayer(translation, 'Squeeze', {}, args, {}, 'ops')
  },
  ExpandDims: (translation) => {
    const args = [valueAt(translation, 0), numbersAt(translation, 1)[0]]
    return asLayer(translation, 'ExpandDims', {}, args, {}, 'ops')
  },
}
