// Normalisation layers, at inference.
import { float } from '../../../onnx/attribute.ts'
import type { Tensor } from '../../../tensor/tensor.ts'
import {
  asFloat32,
  describe,
  type Emit,
  fixed,
  float32,
  hasFlag,
  integers,
  type LayerCall,
  like,
  type Norm,
  numberOf,
  onlyInput,
  plainInput,
  scalar,
  unary,
  unsupported,
} from '../layer-call.ts'
import { bad, type LayerConfig } from '../model-config.ts'
import { inChannelsFirst, inKerasOrder, toGraphAxis, type Value } from '../value.ts'
import type { LayerWeights } from '../weights.ts'

/** y = (x − mean) / √(variance + ε) · γ + β as y = x · scale + shift, in float64. */
export function batchNorm(layer: LayerConfig, weights: LayerWeights): Norm {
  const { config } = layer
  const scaled = hasFlag(config, 'scale', true)
  const centred = hasFlag(config, 'center', true)
  const roles = [...(scaled ? ['gamma'] : []), ...(centred ? ['beta'] : [])]
  const held = weights.own([...roles, 'moving_mean', 'moving_variance']).map(asFloat32)
  const gamma = scaled ? held[0]! : null
  const beta = centred ? held[scaled ? 1 : 0]! : null
  const [mean, variance] = held.slice(-2) as [Float32Array, Float32Array]
  if (held.some(({ length }) => length !== mean.length)) {
    throw bad(`the weights of "${layer.name}" differ in length`)
  }
  const epsilon = numberOf(layer, 'epsilon', 1e-3)
  const scale = Float64Array.from(
    variance,
    (value, at) => (gamma?.[at] ?? 1) / Math.sqrt(value + epsilon),
  )
  const shift = scale.map((factor, at) => (beta?.[at] ?? 0) - mean[at]! * factor)
  return { scale, shift }
}

const batchNormalization: Emit = (call) => {
  const { layer, weights } = call
  const x = onlyInput(call)
  const axis = axesOf(layer, x)
  if (axis.length !== 1) throw unsupported(layer, `it normalises the axes ${axis.join(', ')}`)
  return { ...scaleAndShift(call, x, axis[0]!, () => batchNorm(layer, weights)), mask: x.mask }
}

/** x · scale + shift along one of Keras' axes. */
function scaleAndShift(call: LayerCall, x: Value, axis: number, norm: () => Norm): Value {
  const { graph } = call
  const at = toGraphAxis(x, axis)
  const dims = x.shape.map((_, index) => (index === at ? -1 : 1))
  const along = (values: Float64Array): Tensor =>
    float32(
      dims.map((dim) => (dim === -1 ? values.length : 1)),
      values,
    )
  const made = norm()
  if (x.shape[axis] !== null && made.scale.length !== x.shape[axis]) {
    throw bad(`the weights of "${call.layer.name}" do not fit its input`)
  }
  const key = String(at)
  const scale = call.constant(`scale${key}`, () => along(made.scale))
  const shift = call.constant(`shift${key}`, () => along(made.shift))
  return like(x, graph.node('Add', [graph.node('Mul', [x.name, scale]), shift]))
}

/** The positive axes that `axis` names. */
function axesOf(layer: LayerConfig, { shape }: Value): readonly number[] {
  const given = layer.config.axis ?? -1
  const list: readonly unknown[] = Array.isArray(given) ? given : [given]
  const axes = list.map((axis) => (Number(axis) < 0 ? Number(axis) + shape.length : Number(axis)))
  const good = axes.every((axis) => Number.isInteger(axis) && axis > 0 && axis < shape.length)
  if (good) return axes
  throw unsupported(layer, `its "axis" is ${describe(given)}`)
}

const layerNormalization: Emit = (call) => {
  const { graph, layer } = call
  const x = plainInput(call)
  const axes = axesOf(layer, x)
  const first = Math.min(...axes)
  if (axes.length !== x.shape.length - first) throw unsupported(layer, 'its axes are not the last')
  const dims = x.shape.slice(first).map((dim) => fixed(layer, dim, 'what it normalises'))
  const size = dims.reduce((all, dim) => all * dim, 1)
  const [gamma, beta] = affine(call, size)
  const shaped = (values: Float32Array): Tensor => float32(dims, values)
  const scale = call.constant('gamma', () => shaped(gamma))
  const shift = call.constant('beta', () => shaped(beta))
  const epsilon = float(numberOf(layer, 'epsilon', 1e-3))
  if (hasFlag(layer.config, 'rms_scaling', false)) {
    // x / √(variance + ε) · γ: the mean is taken off for the variance only, and there is no shift.
    const mean = graph.node('ReduceMean', [x.name], { axes: [...axes] })
    const centred = graph.node('Sub', [x.name, mean])
    const variance = graph.node('ReduceMean', [graph.node('Mul', [centred, centred])], {
      axes: [...axes],
    })
    const eps = scalar(graph, numberOf(layer, 'epsilon', 1e-3))
    const deviation = graph.node('Sqrt', [graph.node('Add', [variance, eps])])
    return like(x, graph.node('Mul', [graph.node('Div', [x.name, deviation]), scale]))
  }
  return like(x, graph.node('LayerNormalization', [x.name, scale, shift], { axis: first, epsilon }))
}

/** γ and β, or ones and zeros where the layer has none. */
function affine(call: LayerCall, size: number): readonly [Float32Array, Float32Array] {
  const { layer, weights } = call
  const scaled = hasFlag(layer.config, 'scale', true)
  const centred = hasFlag(layer.config, 'center', true) && layer.config.rms_scaling !== true
  const roles = [...(scaled ? ['gamma'] : []), ...(centred ? ['beta'] : [])]
  const held = weights.own(roles).map(asFloat32)
  const gamma = scaled ? held[0]! : new Float32Array(size).fill(1)
  const beta = centred ? held[scaled ? 1 : 0]! : new Float32Array(size)
  if (gamma.length !== size || beta.length !== size) {
    throw bad(`the weights of "${layer.name}" do not fit its input`)
  }
  return [gamma, beta]
}

const rmsNormalization: Emit = (call) => {
  const { graph, layer, weights } = call
  const x = plainInput(call)
  const [scale] = weights.own(['scale'])
  const axes = axesOf(layer, x)
  const square = graph.node('Mul', [x.name, x.name])
  const mean = graph.node('ReduceMean', [square], { axes: [...axes] })
  const eps = scalar(graph, numberOf(layer, 'epsilon', 1e-6))
  const root = graph.node('Sqrt', [graph.node('Add', [mean, eps])])
  const gamma = call.constant('scale', () => float32(scale!.dims, asFloat32(scale!)))
  return like(x, graph.node('Mul', [graph.node('Div', [x.name, root]), gamma]))
}

/** Each group of channels as one channel of an instance normalisation. */
const groupNormalization: Emit = (call) => {
  const { graph, layer } = call
  const given = onlyInput(call)
  const [axis] = axesOf(layer, given)
  const last = axis === given.shape.length - 1
  const x = last ? inChannelsFirst(graph, given) : inKerasOrder(graph, given)
  if (!last && axis !== 1) throw unsupported(layer, `its "axis" is ${axis}`)
  const channels = fixed(layer, given.shape[axis!], 'the number of channels')
  const asked = numberOf(layer, 'groups', 32)
  const groups = asked === -1 ? channels : asked
  if (channels % groups !== 0) throw unsupported(layer, `${channels} channels, ${groups} groups`)
  const [gamma, beta] = affine(call, channels)
  const ones = call.constant('ones', () => float32([groups], new Float32Array(groups).fill(1)))
  const zeros = call.constant('zeros', () => float32([groups], new Float32Array(groups)))
  const split = graph.node('Reshape', [x.name, integers(graph, [0, groups, -1])])
  const epsilon = float(numberOf(layer, 'epsilon', 1e-3))
  const normal = graph.node('InstanceNormalization', [split, ones, zeros], { epsilon })
  const back = graph.node('Reshape', [normal, graph.node('Shape', [x.name])])
  const rank = given.shape.length
  // Rank 2 has its channels second either way.
  const dims = [channels, ...new Array<number>(rank - 2).fill(1)]
  const scale = call.constant('gamma', () => float32(dims, gamma))
  const shift = call.constant('beta', () => float32(dims, beta))
  return like(x, graph.node('Add', [graph.node('Mul', [back, scale]), shift]))
}

const unitNormalization: Emit = (call) => {
  const { graph, layer } = call
  const x = plainInput(call)
  const axes = [...axesOf(layer, x)]
  const norm = graph.node('ReduceL2', [x.name], { axes })
  // TensorFlow: x · rsqrt(max(Σx², 1e-12)).
  return like(x, graph.node('Div', [x.name, graph.node('Max', [norm, scalar(graph, 1e-6)])]))
}

/** The preprocessing layer: (x − mean) / max(√variance, 1e-7), or the reverse. */
const normalization: Emit = (call) => {
  const { graph, layer, weights } = call
  const x = plainInput(call)
  const given = [layer.config.mean, layer.config.variance]
  const known = given.every((value) => value !== null && value !== undefined)
  const [mean, variance] = known
    ? given.map((value) => Float64Array.from([value].flat(9).map(Number)))
    : weights.own(['mean', 'variance']).map((tensor) => Float64Array.from(asFloat32(tensor)))
  const deviation = variance!.map((value) => Math.max(Math.sqrt(value), 1e-7))
  const dims = mean!.length === 1 ? [] : normalDims(layer, x, mean!.length)
  const centre = call.constant('mean', () => float32(dims, mean!))
  const width = call.constant('deviation', () => float32(dims, deviation))
  if (hasFlag(layer.config, 'invert', false)) {
    return like(x, graph.node('Add', [graph.node('Mul', [x.name, width]), centre]))
  }
  return like(x, graph.node('Div', [graph.node('Sub', [x.name, centre]), width]))
}

function normalDims(layer: LayerConfig, x: Value, length: number): readonly number[] {
  const axes = layer.config.axis === null ? [] : axesOf(layer, x)
  const dims = x.shape.map((dim, at) => (axes.includes(at) ? (dim ?? length) : 1))
  if (dims.reduce((all, dim) => all * dim, 1) === length) return dims
  throw bad(`the weights of "${layer.name}" do not fit its input`)
}

const rescaling: Emit = (call) => {
  const { graph, layer } = call
  const x = onlyInput(call)
  const list = (value: unknown): readonly number[] => [value ?? 0].flat(9).map(Number)
  const scales = list(layer.config.scale)
  const offsets = list(layer.config.offset)
  const value = { ...x, type: 'float32' as const }
  const input = x.type === 'float32' ? x : unary(graph, 'Cast', value, { to: 1 })
  if (scales.length === 1 && offsets.length === 1) {
    const scaled = scales[0] === 1 ? input : mul(input, scalar(graph, scales[0]!))
    return offsets[0] === 0
      ? scaled
      : like(scaled, graph.node('Add', [scaled.name, scalar(graph, offsets[0]!)]))
  }
  const count = Math.max(scales.length, offsets.length)
  const full = (values: readonly number[]): Float64Array =>
    Float64Array.from({ length: count }, (_, at) => values[at % values.length]!)
  return scaleAndShift(call, input, x.shape.length - 1, () => ({
    scale: full(scales),
    shift: full(offsets),
  }))
  function mul(a: Value, b: string): Value {
    return like(a, graph.node('Mul', [a.name, b]))
  }
}

/** ConvNeXt's: a learnt factor a channel. */
const layerScale: Emit = (call) => {
  const x = onlyInput(call)
  const [gamma] = call.weights.own(['gamma'])
  return scaleAndShift(call, x, x.shape.length - 1, () => ({
    scale: Float64Array.from(asFloat32(gamma!)),
    shift: new Float64Array(gamma!.data.length),
  }))
}

export const NORMALISATIONS: Readonly<Record<string, Emit>> = {
  BatchNormalization: batchNormalization,
  BatchNormalizationV1: batchNormalization,
  SyncBatchNormalization: batchNormalization,
  LayerNormalization: layerNormalization,
  RMSNormalization: rmsNormalization,
  GroupNormalization: groupNormalization,
  UnitNormalization: unitNormalization,
  Normalization: normalization,
  Rescaling: rescaling,
  LayerScale: layerScale,
}
