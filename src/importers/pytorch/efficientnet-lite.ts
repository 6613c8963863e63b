// EfficientNet-Lite from a state dict to ONNX: pixels in, class probabilities and the pooled
// embedding out. The layers are read off the tensors' shapes. After the TensorFlow original
// (tensorflow/tpu, efficientnet/lite): TF 'SAME' padding, batch norm folded into the convolutions,
// ReLU6, normalisation (v − 127) / 128 inside the graph.
import { DugaError } from '../../errors.ts'
import { createGraph, type GraphBuilder } from '../../onnx/graph.ts'
import type { ModelProto } from '../../onnx/proto.ts'
import type { Tensor } from '../../tensor/tensor.ts'
import { foldBatchNorm } from './fold-batch-norm.ts'

export type StateDict = ReadonlyMap<string, Tensor>

/** Of the seven stages; a stage's first block carries its stride. */
const STAGE_STRIDES = [1, 2, 2, 2, 1, 2, 1] as const
const BATCH_NORM_EPSILON = 1e-3
const MEAN = 127
const DEVIATION = 128

/** A feature map inside the graph: its value's name, channels and side. */
interface Feature {
  readonly value: string
  readonly channels: number
  readonly side: number
}

interface Context {
  readonly graph: GraphBuilder
  readonly state: StateDict
  readonly clip: readonly [string, string]
}

/**
 * Input `pixels`: uint8 [N, size, size, 3], RGB. Outputs: `probabilities` [N, classes] (softmax)
 * and `embedding` [N, 1280]. Weights are stored as float16 and computed in float32.
 *
 * @throws DugaError `model.unreadable` when a tensor is missing or the blocks are not
 * EfficientNet-Lite's
 */
export function createEfficientNetLite(state: StateDict, size: number): ModelProto {
  const graph = createGraph('efficientnet-lite')
  const scalar = (name: string, value: number): string =>
    graph.initializer(name, { type: 'float32', dims: [], data: Float32Array.of(value) })
  const clip = [scalar('zero', 0), scalar('six', 6)] as const
  const context: Context = { graph, state, clip }

  const pixels = graph.input('pixels', 'uint8', ['N', size, size, 3])
  const planes = graph.node('Transpose', [pixels], { perm: [0, 3, 1, 2] }, { name: 'planes' })
  const values = graph.node('Cast', [planes], { to: 1 }, { name: 'values' })
  const centred = graph.node('Sub', [values, scalar('mean', MEAN)], {}, { name: 'centred' })
  const scaled = graph.node(
    'Div',
    [centred, scalar('deviation', DEVIATION)],
    {},
    { name: 'scaled' },
  )

  let feature: Feature = { value: scaled, channels: 3, side: size }
  feature = relu6(context, convolve(context, feature, '_conv_stem', '_bn0', 2))
  feature = addBlocks(context, feature)
  feature = relu6(context, convolve(context, feature, '_conv_head', '_bn1', 1))
  addHead(context, feature)
  return graph.build()
}

function addBlocks(context: Context, stem: Feature): Feature {
  let feature = stem
  let stage = -1
  for (let index = 0; context.state.has(`_blocks.${index}._project_conv.weight`); index += 1) {
    const name = `_blocks.${index}`
    const channels = tensorOf(context.state, `${name}._project_conv.weight`).dims[0]!
    const opensStage = channels !== feature.channels
    if (opensStage) stage += 1
    const stride = opensStage ? STAGE_STRIDES[stage] : 1
    if (stride === undefined) refuse('it has more stages than EfficientNet-Lite')
    feature = addBlock(context, feature, name, stride)
  }
  if (stage !== STAGE_STRIDES.length - 1) refuse(`it has ${stage + 1} stages, not 7`)
  return feature
}

/**
 * Mobile inverted bottleneck: expand, depthwise, project; added to its input where the shapes
 * agree.
 */
function addBlock(context: Context, input: Feature, name: string, stride: number): Feature {
  let feature = input
  if (context.state.has(`${name}._expand_conv.weight`)) {
    const expanded = convolve(context, feature, `${name}._expand_conv`, `${name}._bn0`, 1)
    feature = relu6(context, expanded)
  }
  const deep = convolve(context, feature, `${name}._depthwise_conv`, `${name}._bn1`, stride)
  feature = relu6(context, deep)
  feature = convolve(context, feature, `${name}._project_conv`, `${name}._bn2`, 1)
  if (stride !== 1 || feature.channels !== input.channels) return feature
  const value = context.graph.node('Add', [feature.value, input.value], {}, { name: `${name}.sum` })
  return { ...feature, value }
}

function addHead({ graph, state }: Context, feature: Feature): void {
  const pooled = graph.node('GlobalAveragePool', [feature.value], {}, { name: 'pooled' })
  const embedding = graph.node('Flatten', [pooled], { axis: 1 }, { name: 'features' })
  const weight = toFloat32(tensorOf(state, '_fc.weight'))
  const [classes = 0, features] = weight.dims
  if (weight.dims.length !== 2 || classes === 0 || features !== feature.channels) {
    refuse(`"_fc" does not take ${feature.channels} features`)
  }
  const inputs = [
    embedding,
    graph.halfInitializer('_fc.weight', weight),
    graph.initializer('_fc.bias', vectorOf(state, '_fc.bias', classes)),
  ]
  const logits = graph.node('Gemm', inputs, { transB: 1 }, { name: 'logits' })
  const softmax = graph.node('Softmax', [logits], { axis: 1 }, { name: 'softmax' })
  graph.output(softmax, 'probabilities', 'float32', ['N', classes])
  graph.output(embedding, 'embedding', 'float32', ['N', feature.channels])
}

/** A convolution with its batch norm folded in; groups follow from the weight's shape. */
function convolve(
  { graph, state }: Context,
  input: Feature,
  name: string,
  norm: string,
  stride: number,
): Feature {
  const original = tensorOf(state, `${name}.weight`)
  const [channels = 0, perGroup = 0, kernel = 0, width] = original.dims
  if (original.dims.length !== 4 || kernel === 0 || kernel !== width || channels === 0) {
    refuse(`"${name}" is no convolution with a square kernel`)
  }
  const groups = input.channels / perGroup
  if (!Number.isInteger(groups) || channels % groups !== 0) {
    refuse(`"${name}" does not take ${input.channels} channels`)
  }
  const perChannel = (part: string): Tensor => vectorOf(state, `${norm}.${part}`, channels)
  const folded = foldBatchNorm(original, {
    scale: perChannel('weight'),
    bias: perChannel('bias'),
    mean: perChannel('running_mean'),
    variance: perChannel('running_var'),
    epsilon: BATCH_NORM_EPSILON,
  })
  const { pads, side } = samePadding(input.side, kernel, stride)
  const value = graph.node(
    'Conv',
    [
      input.value,
      graph.halfInitializer(`${name}.weight`, folded.weight),
      graph.initializer(`${name}.bias`, folded.bias),
    ],
    {
      kernel_shape: [kernel, kernel],
      strides: [stride, stride],
      pads,
      group: groups,
    },
    { name },
  )
  return { value, channels, side }
}

/**
 * TensorFlow's 'SAME': an odd pixel of padding goes to the right and the bottom. Pads as ONNX has
 * them.
 */
function samePadding(side: number, kernel: number, stride: number) {
  const out = Math.ceil(side / stride)
  const total = Math.max((out - 1) * stride + kernel - side, 0)
  const before = Math.floor(total / 2)
  return { side: out, pads: [before, before, total - before, total - before] }
}

function relu6({ graph, clip }: Context, feature: Feature): Feature {
  const name = `${feature.value}.relu6`
  return { ...feature, value: graph.node('Clip', [feature.value, ...clip], {}, { name }) }
}

function tensorOf(state: StateDict, name: string): Tensor {
  return state.get(name) ?? refuse(`it lacks the tensor "${name}"`)
}

/** @throws DugaError `model.unreadable` where it has not one number a channel */
function vectorOf(state: StateDict, name: string, channels: number): Tensor {
  const tensor = tensorOf(state, name)
  if (tensor.dims.length === 1 && tensor.dims[0] === channels) return toFloat32(tensor)
  refuse(`"${name}" is [${tensor.dims}], not [${channels}]`)
}

function toFloat32(tensor: Tensor): Tensor {
  if (tensor.type === 'float32') return tensor
  return { ...tensor, type: 'float32', data: Float32Array.from(tensor.data, Number) }
}

function refuse(reason: string): never {
  throw new DugaError('model.unreadable', { reason })
}
