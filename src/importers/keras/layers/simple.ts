// Layers that are one activation, or nothing at all once a model is trained.
import { activate } from '../activations.ts'
import {
  asFloat32,
  type Emit,
  float32,
  like,
  numberOf,
  onlyInput,
  plainInput,
  scalar,
} from '../layer-call.ts'
import { inKerasOrder } from '../value.ts'
import { maskOf, toNumber } from './mask.ts'

const identity: Emit = (call) => call.inputs[0] ?? onlyInput(call)

const activationLayer =
  (name: string): Emit =>
  (call) =>
    activate(call, onlyInput(call), { class_name: name, config: call.layer.config })

/** x where it is positive, alpha · x elsewhere, with alpha learnt. */
const prelu: Emit = (call) => {
  const { graph, weights } = call
  const x = plainInput(call)
  const [alpha] = weights.own(['alpha'])
  const slope = call.constant('alpha', () => float32(alpha!.dims, asFloat32(alpha!)))
  return like(x, graph.node('PRelu', [x.name, slope]))
}

/** x above theta, 0 elsewhere. */
const thresholdedRelu: Emit = (call) => {
  const { graph, layer } = call
  const x = onlyInput(call)
  const over = graph.node('Greater', [x.name, scalar(graph, numberOf(layer, 'theta', 1))])
  return like(x, graph.node('Where', [over, x.name, scalar(graph, 0)]))
}

const masking: Emit = (call) => {
  const { graph, layer } = call
  const x = plainInput(call)
  const mask = maskOf(graph, x, numberOf(layer, 'mask_value', 0))
  const wide = graph.node('Unsqueeze', [
    toNumber(graph, mask.name, 'float32'),
    graph.initializer('last', { type: 'int64', dims: [1], data: BigInt64Array.of(-1n) }),
  ])
  return { ...like(x, graph.node('Mul', [x.name, wide])), mask }
}

const softmax: Emit = (call) => {
  const x = inKerasOrder(call.graph, onlyInput(call))
  return activate(call, x, { class_name: 'softmax', config: call.layer.config })
}

const activation: Emit = (call) => activate(call, onlyInput(call))

const DROPPED = [
  ...['Dropout', 'SpatialDropout1D', 'SpatialDropout2D', 'SpatialDropout3D', 'AlphaDropout'],
  ...['GaussianDropout', 'GaussianNoise', 'ActivityRegularization', 'Identity', 'StochasticDepth'],
  ...['InputLayer', 'FixedDropout', 'DropConnect'],
]
const RANDOM = [
  ...['RandomFlip', 'RandomRotation', 'RandomZoom', 'RandomTranslation', 'RandomContrast'],
  ...['RandomBrightness', 'RandomHeight', 'RandomWidth', 'RandomShear', 'RandomSaturation'],
  ...['RandomHue', 'RandomSharpness', 'RandomGrayscale', 'RandomPosterization', 'RandomErasing'],
  ...['RandomColorDegeneration', 'RandomColorJitter', 'RandomPerspective', 'RandomGaussianBlur'],
  ...['RandomElasticTransform', 'RandomInvert', 'AugMix', 'RandAugment'],
]

export const SIMPLE: Readonly<Record<string, Emit>> = {
  ...Object.fromEntries([...DROPPED, ...RANDOM].map((kind) => [kind, identity])),
  Activation: activation,
  ReLU: activationLayer('ReLU'),
  LeakyReLU: activationLayer('LeakyReLU'),
  ELU: activationLayer('ELU'),
  Softmax: softmax,
  PReLU: prelu,
  ThresholdedReLU: thresholdedRelu,
  Masking: masking,
}
