// Every activation that Keras has, by name, and as a layer's `activation` says it.
import { float } from '../../onnx/attribute.ts'
import type { GraphBuilder } from '../../onnx/graph.ts'
import { type LayerCall, like, scalar, unary, unsupported } from './layer-call.ts'
import { type Config, isObject, type LayerConfig } from './model-config.ts'
import { inKerasOrder, toGraphAxis, type Value } from './value.ts'

type Activation = (graph: GraphBuilder, x: Value, config: Config, kerasMajor: number) => Value

const number = (config: Config, keys: readonly string[], otherwise: number): number => {
  const value = keys.map((key) => config[key]).find((item) => item !== undefined && item !== null)
  const plainValue = isObject(value) ? value.value : value
  return typeof plainValue === 'number' ? plainValue : otherwise
}

const binary = (graph: GraphBuilder, op: string, a: Value, b: string): Value =>
  like(a, graph.node(op, [a.name, b]))

const clip = (graph: GraphBuilder, x: Value, least: number, most: number): Value =>
  like(x, graph.node('Clip', [x.name, scalar(graph, least), scalar(graph, most)]))

/** a · x + b, held to 0..1, as ONNX' HardSigmoid. */
const hardSigmoid = (graph: GraphBuilder, x: Value, kerasMajor: number): Value =>
  unary(graph, 'HardSigmoid', x, { alpha: float(kerasMajor >= 3 ? 1 / 6 : 0.2), beta: float(0.5) })

const relu: Activation = (graph, x, config) => {
  const slope = number(config, ['negative_slope', 'alpha'], 0)
  const threshold = number(config, ['threshold'], 0)
  const most = number(config, ['max_value'], Number.POSITIVE_INFINITY)
  if (threshold === 0) {
    if (slope === 0 && most === Number.POSITIVE_INFINITY) return unary(graph, 'Relu', x)
    if (slope === 0) return clip(graph, x, 0, most)
    const leaky = unary(graph, 'LeakyRelu', x, { alpha: float(slope) })
    if (most === Number.POSITIVE_INFINITY) return leaky
    return like(x, graph.node('Min', [leaky.name, scalar(graph, most)]))
  }
  // f(x) = x where x ≥ threshold, slope · (x − threshold) elsewhere.
  const limit = scalar(graph, threshold)
  const below = binary(graph, 'Mul', binary(graph, 'Sub', x, limit), scalar(graph, slope))
  const above =
    most === Number.POSITIVE_INFINITY ? x.name : graph.node('Min', [x.name, scalar(graph, most)])
  const over = graph.node('Greater', [x.name, limit])
  return like(x, graph.node('Where', [over, above, below.name]))
}

const gelu: Activation = (graph, x, config) => {
  const half = binary(graph, 'Mul', x, scalar(graph, 0.5))
  const inside =
    config.approximate === true
      ? unary(graph, 'Tanh', geluPolynomial(graph, x))
      : unary(graph, 'Erf', binary(graph, 'Mul', x, scalar(graph, Math.SQRT1_2)))
  return binary(graph, 'Mul', half, binary(graph, 'Add', inside, scalar(graph, 1)).name)
}

/** √(2/π) · (x + 0.044715 x³) */
function geluPolynomial(graph: GraphBuilder, x: Value): Value {
  const square = binary(graph, 'Mul', x, x.name)
  const cubic = binary(graph, 'Mul', square, x.name)
  const sum = binary(graph, 'Add', binary(graph, 'Mul', cubic, scalar(graph, 0.044715)), x.name)
  return binary(graph, 'Mul', sum, scalar(graph, Math.sqrt(2 / Math.PI)))
}

const shrink =
  (hard: boolean): Activation =>
  (graph, x, config) => {
    const lambd = number(config, ['threshold'], 0.5)
    return unary(graph, 'Shrink', x, { lambd: float(lambd), bias: float(hard ? 0 : lambd) })
  }

const overAxis =
  (op: string): Activation =>
  (graph, x, config) => {
    const axis = config.axis ?? -1
    if (Array.isArray(axis) && axis.length > 1) return softmaxOver(graph, x, axis.map(Number))
    return unary(graph, op, x, {
      axis: toGraphAxis(x, Number(Array.isArray(axis) ? axis[0] : axis)),
    })
  }

/** Softmax over several axes together. */
function softmaxOver(graph: GraphBuilder, given: Value, axes: readonly number[]): Value {
  const x = inKerasOrder(graph, given)
  const at = axes.map((axis) => toGraphAxis(x, axis))
  const most = graph.node('ReduceMax', [x.name], { axes: at, keepdims: 1 })
  const powers = graph.node('Exp', [graph.node('Sub', [x.name, most])])
  const inputs = [
    powers,
    graph.initializer('axes', {
      type: 'int64',
      dims: [at.length],
      data: BigInt64Array.from(at, BigInt),
    }),
  ]
  return like(x, graph.node('Div', [powers, graph.node('ReduceSum', inputs, { keepdims: 1 })]))
}

export const ACTIVATIONS: Readonly<Record<string, Activation>> = {
  linear: (_, x) => x,
  relu,
  relu6: (graph, x) => clip(graph, x, 0, 6),
  leaky_relu: (graph, x, config) =>
    relu(graph, x, { negative_slope: number(config, ['negative_slope', 'alpha'], 0.2) }, 3),
  sigmoid: (graph, x) => unary(graph, 'Sigmoid', x),
  tanh: (graph, x) => unary(graph, 'Tanh', x),
  softmax: overAxis('Softmax'),
  log_softmax: overAxis('LogSoftmax'),
  elu: (graph, x, config) => unary(graph, 'Elu', x, { alpha: float(number(config, ['alpha'], 1)) }),
  selu: (graph, x) => unary(graph, 'Selu', x),
  celu: (graph, x, config) =>
    unary(graph, 'Celu', x, { alpha: float(number(config, ['alpha'], 1)) }),
  softplus: (graph, x) => unary(graph, 'Softplus', x),
  softsign: (graph, x) => unary(graph, 'Softsign', x),
  exponential: (graph, x) => unary(graph, 'Exp', x),
  gelu,
  gelu_new: (graph, x) => gelu(graph, x, { approximate: true }, 3),
  silu: (graph, x) => binary(graph, 'Mul', x, unary(graph, 'Sigmoid', x).name),
  hard_sigmoid: (graph, x, _, major) => hardSigmoid(graph, x, major),
  hard_silu: (graph, x) => binary(graph, 'Mul', x, hardSigmoid(graph, x, 3).name),
  mish: (graph, x) =>
    binary(graph, 'Mul', x, unary(graph, 'Tanh', unary(graph, 'Softplus', x)).name),
  log_sigmoid: (graph, x) => unary(graph, 'Neg', unary(graph, 'Softplus', unary(graph, 'Neg', x))),
  glu: (graph, given, config) => {
    const x = inKerasOrder(graph, given)
    const axis = toGraphAxis(x, Number(config.axis ?? -1))
    const [a, b] = graph.nodes('Split', [x.name], 2, { axis })
    const shape = x.shape.map((dim, at) => (at === axis && dim !== null ? dim / 2 : dim))
    return { ...x, shape, name: graph.node('Mul', [a!, graph.node('Sigmoid', [b!])]) }
  },
  hard_tanh: (graph, x) => clip(graph, x, -1, 1),
  tanh_shrink: (graph, x) => binary(graph, 'Sub', x, unary(graph, 'Tanh', x).name),
  hard_shrink: shrink(true),
  soft_shrink: shrink(false),
  squareplus: (graph, x, config) => {
    const square = binary(graph, 'Mul', x, x.name)
    const root = unary(
      graph,
      'Sqrt',
      binary(graph, 'Add', square, scalar(graph, number(config, ['b'], 4))),
    )
    return binary(graph, 'Mul', binary(graph, 'Add', root, x.name), scalar(graph, 0.5))
  },
  // 0 up to −1, x from 1 on, (x + 1)² / 4 between.
  sparse_plus: (graph, x) => {
    const near = binary(graph, 'Add', clip(graph, x, -1, 1), scalar(graph, 1))
    const curve = binary(graph, 'Mul', binary(graph, 'Mul', near, near.name), scalar(graph, 0.25))
    const over = graph.node('GreaterOrEqual', [x.name, scalar(graph, 1)])
    return like(x, graph.node('Where', [over, x.name, curve.name]))
  },
  sparse_sigmoid: (graph, x) =>
    unary(graph, 'HardSigmoid', x, { alpha: float(0.5), beta: float(0.5) }),
}

const OTHER_NAMES: Readonly<Record<string, string>> = {
  swish: 'silu',
  hard_swish: 'hard_silu',
  softmax_v2: 'softmax',
  ReLU: 'relu',
  LeakyReLU: 'leaky_layer',
  ELU: 'elu',
  Softmax: 'softmax',
  Activation: 'activation',
}

/**
 * What a layer's `activation` is called, and its parameters. It is a name, null, a serialised function or a serialised
 * layer.
 */
export function readActivation(
  { layer, settings }: Pick<LayerCall, 'layer' | 'settings'>,
  value: unknown,
): { readonly name: string; readonly config: Config } {
  const { name, config } = splitActivation(layer, value)
  const mapped = settings.custom[name] ?? name
  const known = OTHER_NAMES[mapped] ?? mapped
  if (known === 'leaky_layer') {
    const slope = number(config, ['negative_slope', 'alpha'], 0.3)
    return { name: 'leaky_relu', config: { negative_slope: slope } }
  }
  if (known === 'activation') return readActivation({ layer, settings }, config.activation)
  if (Object.hasOwn(ACTIVATIONS, known)) return { name: known, config }
  throw unsupported(
    { ...layer, kind: name },
    `its activation "${name}" is not one of Keras', of which there are ${Object.keys(ACTIVATIONS).join(', ')}`,
  )
}

function splitActivation(layer: LayerConfig, value: unknown): { name: string; config: Config } {
  if (value === null || value === undefined) return { name: 'linear', config: {} }
  if (typeof value === 'string')
    return { name: value.slice(value.lastIndexOf('>') + 1), config: {} }
  if (isObject(value)) {
    // A function is `{"class_name":"function","config":"name"}`.
    if (typeof value.config === 'string') return splitActivation(layer, value.config)
    if (typeof value.class_name === 'string') {
      const config = isObject(value.config) ? value.config : {}
      return { name: value.class_name.slice(value.class_name.lastIndexOf('>') + 1), config }
    }
  }
  throw unsupported(layer, 'its activation is neither a name nor a function')
}

/** Applies what the layer's configuration names as its activation. */
export function activate(
  call: LayerCall,
  x: Value,
  value: unknown = call.layer.config.activation,
): Value {
  const { name, config } = readActivation(call, value)
  return { ...ACTIVATIONS[name]!(call.graph, x, config, call.settings.kerasMajor), mask: x.mask }
}
