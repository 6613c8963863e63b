// ResNet50V2 without its top, with weights from a seed: the shape of what contract 3's notebook learned on, for measuring.
// He, Zhang, Ren, Sun: "Identity mappings in deep residual networks" (2016), as keras.applications builds it.
import { createGraph, type GraphBuilder } from '../../src/onnx/graph.ts'
import type { ModelProto } from '../../src/onnx/proto.ts'
import { batchNormalization, convolution } from '../../src/train/layers/layers.ts'
import { createRandom, type Random } from '../../src/train/random.ts'

/** Width of the inner convolutions and number of blocks of each stage. */
const STAGES = [
  [64, 3],
  [128, 4],
  [256, 6],
  [512, 3],
] as const

/** `image` float32 [N, 224, 224, 3] → `features` [N, 2048, 7, 7]; 23.6 million weights. */
export function createResNet50V2(seed = 1): ModelProto {
  const random = createRandom(seed)
  const graph = createGraph('resnet50v2')
  const image = graph.input('image', 'float32', ['N', 224, 224, 3])
  const planes = graph.node('Transpose', [image], { perm: [0, 3, 1, 2] })
  const layer = { name: 'conv1', inputs: 3, filters: 64, kernel: [7, 7], strides: [2, 2], random }
  let value = graph.node('MaxPool', [convolution(graph, planes, layer)], {
    ...{ kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] },
  })
  let inputs = 64
  for (const [stage, [width, blocks]] of STAGES.entries()) {
    for (let block = 0; block < blocks; block++) {
      const name = `conv${stage + 2}_block${block + 1}`
      // Keras halves the size in the last block of a stage.
      const stride = block === blocks - 1 && stage < 3 ? 2 : 1
      value = addBlock(graph, value, { name, inputs, width, stride, first: block === 0, random })
      inputs = width * 4
    }
  }
  const last = batchNormalization(graph, value, { name: 'post', channels: inputs })
  graph.output(graph.node('Relu', [last]), 'features', 'float32', ['N', 2048, 7, 7])
  return graph.build()
}

interface Block {
  readonly name: string
  readonly inputs: number
  readonly width: number
  readonly stride: number
  /** Whether the way around is a convolution. */
  readonly first: boolean
  readonly random: Random
}

function addBlock(graph: GraphBuilder, x: string, block: Block): string {
  const { name, inputs, width, stride, first, random } = block
  const conv = (from: string, part: string, options: [number, number, number, number?]): string => {
    const [ins, filters, size, by = 1] = options
    return convolution(graph, from, {
      ...{ name: `${name}.${part}`, inputs: ins, filters, kernel: [size, size], random },
      ...{ strides: [by, by], bias: part === 'out' || part === 'way' },
    })
  }
  const relu = (from: string, part: string, channels: number): string =>
    graph.node('Relu', [batchNormalization(graph, from, { name: `${name}.${part}`, channels })])
  const before = relu(x, 'pre', inputs)
  const around = first
    ? conv(before, 'way', [inputs, width * 4, 1, stride])
    : stride === 1
      ? x
      : graph.node('MaxPool', [x], { kernel_shape: [1, 1], strides: [stride, stride] })
  const inner = relu(conv(before, 'in', [inputs, width, 1]), 'in_norm', width)
  const middle = relu(conv(inner, 'middle', [width, width, 3, stride]), 'middle_norm', width)
  return graph.node('Add', [around, conv(middle, 'out', [width, width * 4, 1])])
}
