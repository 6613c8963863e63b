// Convolutions: plain, depthwise, separable and transposed, in one to three dimensions. The kernel's axes are turned to
// ONNX' order, and a normalisation behind is multiplied in, in float64.
import type { Tensor } from '../../../tensor/tensor.ts'
import { activate } from '../activations.ts'
import {
  asFloat32,
  countOf,
  countsOf,
  type Emit,
  fixed,
  float32,
  hasFlag,
  isChannelsFirst,
  type LayerCall,
  type Norm,
  onlyInput,
  textOf,
  unsupported,
} from '../layer-call.ts'
import { bad } from '../model-config.ts'
import { inChannelsFirst, inKerasOrder, type KerasShape, type Value } from '../value.ts'

interface Geometry {
  readonly kernel: readonly number[]
  readonly strides: readonly number[]
  readonly dilations: readonly number[]
  readonly padding: string
}

const conv =
  (rank: number): Emit =>
  (call) => {
    const geometry = readGeometry(call, rank)
    const [kernel, bias] = weightsOf(call, ['kernel'])
    const input = pictures(call)
    const weight = call.constant('kernel', () =>
      scaleFirst(turnKernel(kernel!, rank), call.norm?.scale),
    )
    const group = countOf(call.layer, 'groups', 1)
    const output = addConv(call, input, weight, biasOf(call, bias), geometry, group)
    return activate(call, withChannels(call, output, kernel!.dims.at(-1)!))
  }

const depthwise =
  (rank: number): Emit =>
  (call) => {
    const geometry = readGeometry(call, rank)
    const [kernel, bias] = weightsOf(call, ['depthwise_kernel'])
    const input = pictures(call)
    const weight = call.constant('depthwise_kernel', () =>
      scaleFirst(turnDepthwise(kernel!, rank), call.norm?.scale),
    )
    const [channels, multiplier] = kernel!.dims.slice(-2) as [number, number]
    const output = addConv(call, input, weight, biasOf(call, bias), geometry, channels)
    return activate(call, withChannels(call, output, channels * multiplier))
  }

const separable =
  (rank: number): Emit =>
  (call) => {
    const geometry = readGeometry(call, rank)
    const [first, second, bias] = weightsOf(call, ['depthwise_kernel', 'pointwise_kernel'])
    const input = pictures(call)
    const spread = call.constant('depthwise_kernel', () => turnDepthwise(first!, rank))
    const mix = call.constant('pointwise_kernel', () =>
      scaleFirst(turnKernel(second!, rank), call.norm?.scale),
    )
    const channels = first!.dims.at(-2)!
    const between = addConv(call, input, spread, null, geometry, channels)
    const ones = new Array<number>(rank).fill(1)
    const point = { kernel: ones, strides: ones, dilations: ones, padding: 'valid' }
    const output = addConv(call, between, mix, biasOf(call, bias), point, 1)
    return activate(call, withChannels(call, output, second!.dims.at(-1)!))
  }

const transposed =
  (rank: number): Emit =>
  (call) => {
    const { graph, layer, norm } = call
    const geometry = readGeometry(call, rank)
    const [kernel, bias] = weightsOf(call, ['kernel'])
    const input = pictures(call)
    const filters = kernel!.dims.at(-2)!
    // [space…, out, in] → [in, out, space…]
    const weight = call.constant('kernel', () =>
      scaleSecond(turnKernel(kernel!, rank), norm?.scale),
    )
    const space = spaceOf(call, input)
    const sizes = space.map((size, axis) =>
      transposedSize(call, geometry, axis, fixed(layer, size, 'the size of its input')),
    )
    const pads = sizes.map(({ total }) => Math.max(0, total))
    const begins = pads.map((total) => Math.floor(total / 2))
    const inputs = [input.name, weight, ...optional(biasOf(call, bias))]
    const name = graph.node('ConvTranspose', inputs, {
      strides: geometry.strides,
      dilations: geometry.dilations,
      pads: [...begins, ...pads.map((total, axis) => total - begins[axis]!)],
      output_padding: sizes.map(({ total }) => Math.max(0, -total)),
    })
    const output = withSpace(
      call,
      { ...input, name },
      sizes.map(({ size }) => size),
    )
    return activate(call, withChannels(call, output, filters))
  }

export const CONVOLUTIONS: Readonly<Record<string, Emit>> = {
  Conv1D: conv(1),
  Conv2D: conv(2),
  Conv3D: conv(3),
  Convolution2D: conv(2),
  DepthwiseConv1D: depthwise(1),
  DepthwiseConv2D: depthwise(2),
  SeparableConv1D: separable(1),
  SeparableConv2D: separable(2),
  Conv1DTranspose: transposed(1),
  Conv2DTranspose: transposed(2),
  Conv3DTranspose: transposed(3),
}

/** The input with its channels second in the graph. */
function pictures(call: LayerCall): Value {
  const input = onlyInput(call)
  if (isChannelsFirst(call.layer)) return inKerasOrder(call.graph, input)
  return inChannelsFirst(call.graph, input)
}

function readGeometry({ layer }: LayerCall, rank: number): Geometry {
  const strides = countsOf(layer, 'strides', rank)
  const dilations = countsOf(layer, 'dilation_rate', rank)
  const kernel = countsOf(layer, 'kernel_size', rank)
  if ([...strides, ...dilations, ...kernel].includes(0))
    throw unsupported(layer, 'a size of it is 0')
  return { kernel, strides, dilations, padding: textOf(layer, 'padding', 'valid') }
}

/** The kernels, then the bias or undefined. */
function weightsOf(call: LayerCall, kernels: readonly string[]): readonly (Tensor | undefined)[] {
  const biased = hasFlag(call.layer.config, 'use_bias', true)
  return call.weights.own(biased ? [...kernels, 'bias'] : kernels)
}

/** The bias of the graph's node, with the normalisation in it; null where there is none. */
function biasOf(call: LayerCall, bias: Tensor | undefined): string | null {
  if (bias === undefined && call.norm === null) return null
  return call.constant('bias', () => foldedBias(bias, call.norm))
}

export function foldedBias(bias: Tensor | undefined, norm: Norm | null): Tensor {
  if (norm === null) return float32(bias!.dims, asFloat32(bias!))
  const values = norm.shift.map(
    (shift, index) => shift + Number(bias?.data[index] ?? 0) * norm.scale[index]!,
  )
  return float32([values.length], values)
}

const optional = (name: string | null): string[] => (name === null ? [] : [name])

function addConv(
  call: LayerCall,
  input: Value,
  weight: string,
  bias: string | null,
  { kernel, strides, dilations, padding }: Geometry,
  group: number,
): Value {
  const space = spaceOf(call, input)
  const reach = kernel.map((size, axis) => (size - 1) * dilations[axis]! + 1)
  const pads = padsOf(call, padding, space, reach, strides)
  const name = call.graph.node('Conv', [input.name, weight, ...optional(bias)], {
    ...(pads === null ? { auto_pad: 'SAME_UPPER' } : { pads }),
    ...{ strides, dilations, group, kernel_shape: kernel },
  })
  return withSpace(call, { ...input, name }, windowedSize(space, reach, strides, padding))
}

/** Explicit pads, begins before ends; null where TensorFlow's depend on a size that is not fixed. */
export function padsOf(
  { layer }: Pick<LayerCall, 'layer'>,
  padding: string,
  space: KerasShape,
  reach: readonly number[],
  strides: readonly number[],
): readonly number[] | null {
  if (padding === 'valid') return space.flatMap(() => [0, 0])
  if (padding === 'causal') return [...reach.map((size) => size - 1), ...reach.map(() => 0)]
  if (padding !== 'same') throw unsupported(layer, `its padding is "${padding}"`)
  if (space.includes(null) && strides.some((stride) => stride !== 1)) return null
  const totals = space.map((size, axis) => {
    const stride = strides[axis]!
    if (stride === 1 || size === null) return reach[axis]! - 1
    return Math.max(0, (Math.ceil(size / stride) - 1) * stride + reach[axis]! - size)
  })
  const begins = totals.map((total) => Math.floor(total / 2))
  return [...begins, ...totals.map((total, axis) => total - begins[axis]!)]
}

export function windowedSize(
  space: KerasShape,
  reach: readonly number[],
  strides: readonly number[],
  padding: string,
): KerasShape {
  return space.map((size, axis) => {
    if (size === null) return null
    const whole = padding === 'valid' ? size - reach[axis]! + 1 : size
    if (whole < 1) throw bad('a window is larger than what it slides over')
    return Math.ceil(whole / strides[axis]!)
  })
}

/** Size of one axis, and the padding that TensorFlow takes off (negative: that it adds at the end). */
function transposedSize(
  { layer }: LayerCall,
  { kernel, strides, dilations, padding }: Geometry,
  axis: number,
  size: number,
): { readonly size: number; readonly total: number } {
  const reach = (kernel[axis]! - 1) * dilations[axis]! + 1
  const stride = strides[axis]!
  const full = (size - 1) * stride + reach
  const given = layer.config.output_padding
  if (given !== null && given !== undefined) {
    const extra = countsOf(layer, 'output_padding', kernel.length)[axis]!
    const wanted = full - (padding === 'same' ? 2 * Math.floor(reach / 2) : 0) + extra
    return { size: wanted, total: full - wanted }
  }
  if (padding !== 'same' && padding !== 'valid') throw unsupported(layer, `padding "${padding}"`)
  const wanted = padding === 'same' ? size * stride : size * stride + Math.max(0, reach - stride)
  return { size: wanted, total: full - wanted }
}

/** The sizes of the spatial axes of a value with its channels second in the graph. */
export function spaceOf({ layer }: Pick<LayerCall, 'layer'>, { shape }: Value): KerasShape {
  return isChannelsFirst(layer) ? shape.slice(2) : shape.slice(1, -1)
}

export function withSpace(
  { layer }: Pick<LayerCall, 'layer'>,
  value: Value,
  space: KerasShape,
): Value {
  const { shape } = value
  const whole = isChannelsFirst(layer)
    ? [...shape.slice(0, 2), ...space]
    : [shape[0]!, ...space, shape.at(-1)!]
  return { ...value, shape: whole, mask: null }
}

function withChannels({ layer }: LayerCall, value: Value, channels: number): Value {
  const { shape } = value
  const whole = isChannelsFirst(layer)
    ? [shape[0]!, channels, ...shape.slice(2)]
    : [...shape.slice(0, -1), channels]
  return { ...value, shape: whole }
}

/** [space…, a, b] → [b, a, space…] */
export function turnKernel({ dims, data }: Tensor, rank: number): Tensor {
  if (dims.length !== rank + 2) throw bad(`a kernel has ${dims.length} axes, not ${rank + 2}`)
  const [a, b] = dims.slice(-2) as [number, number]
  const space = data.length / (a * b)
  const turned = new Float32Array(data.length)
  for (let at = 0; at < space; at += 1) {
    for (let i = 0; i < a; i += 1) {
      const from = (at * a + i) * b
      for (let j = 0; j < b; j += 1) turned[(j * a + i) * space + at] = Number(data[from + j])
    }
  }
  return { type: 'float32', dims: [b, a, ...dims.slice(0, -2)], data: turned }
}

/** [space…, channels, multiplier] → [channels · multiplier, 1, space…] */
function turnDepthwise({ dims, data }: Tensor, rank: number): Tensor {
  if (dims.length !== rank + 2) throw bad(`a kernel has ${dims.length} axes, not ${rank + 2}`)
  const outputs = dims.at(-1)! * dims.at(-2)!
  const space = data.length / outputs
  const turned = new Float32Array(data.length)
  for (let at = 0; at < space; at += 1) {
    for (let out = 0; out < outputs; out += 1)
      turned[out * space + at] = Number(data[at * outputs + out])
  }
  return { type: 'float32', dims: [outputs, 1, ...dims.slice(0, -2)], data: turned }
}

/** Multiplies each output's weights, in place: the kernel was made just before. Outputs are the first axis. */
function scaleFirst(kernel: Tensor, scale: Float64Array | undefined): Tensor {
  return scale === undefined ? kernel : scaleAxis(kernel, scale, kernel.dims[0]!)
}

/** As {@link scaleFirst}, with the outputs as the second axis. */
function scaleSecond(kernel: Tensor, scale: Float64Array | undefined): Tensor {
  return scale === undefined ? kernel : scaleAxis(kernel, scale, kernel.dims[0]! * kernel.dims[1]!)
}

/** Blocks of equal size, of which each takes the next factor, round and round. */
function scaleAxis(kernel: Tensor, scale: Float64Array, blocks: number): Tensor {
  const data = kernel.data as Float32Array
  const size = data.length / blocks
  for (let block = 0; block < blocks; block += 1) {
    const factor = scale[block % scale.length]!
    for (let at = block * size; at < (block + 1) * size; at += 1) data[at]! *= factor
  }
  return kernel
}
