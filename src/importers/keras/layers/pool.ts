// Pooling over windows and over all of space.
import { keepPadding } from '../../onnx/keep-padding.ts'
import {
  countsOf,
  type Emit,
  hasFlag,
  isChannelsFirst,
  type LayerCall,
  onlyInput,
  plain,
  textOf,
} from '../layer-call.ts'
import { inChannelsFirst, inKerasOrder, type Value } from '../value.ts'
import { padsOf, spaceOf, windowedSize, withSpace } from './convolve.ts'
import { maskedMean } from './mask.ts'

function channelsSecond(call: LayerCall): Value {
  const input = onlyInput(call)
  if (isChannelsFirst(call.layer)) return inKerasOrder(call.graph, input)
  return inChannelsFirst(call.graph, input)
}

const windowed =
  (op: 'MaxPool' | 'AveragePool', rank: number): Emit =>
  (call) => {
    const { graph, layer } = call
    const given = channelsSecond(call)
    const input = op === 'MaxPool' ? { ...given, name: keepPadding(graph, given.name) } : given
    const size = countsOf(layer, 'pool_size', rank, 2)
    const strides = layer.config.strides ? countsOf(layer, 'strides', rank) : size
    const padding = textOf(layer, 'padding', 'valid')
    const space = spaceOf(call, input)
    const pads = padsOf(call, padding, space, size, strides)
    const name = graph.node(op, [input.name], {
      kernel_shape: size,
      strides,
      ...(pads === null ? { auto_pad: 'SAME_UPPER' } : { pads }),
    })
    return withSpace(call, { ...input, name }, windowedSize(space, size, strides, padding))
  }

const overall =
  (op: 'GlobalMaxPool' | 'GlobalAveragePool'): Emit =>
  (call) => {
    const { graph, layer } = call
    const given = onlyInput(call)
    if (op === 'GlobalAveragePool' && given.mask !== null && given.shape.length === 3) {
      return maskedMean(graph, inKerasOrder(graph, given), given.mask)
    }
    const input = channelsSecond(call)
    const first = isChannelsFirst(layer)
    const channels = (first ? input.shape[1] : input.shape.at(-1)) ?? null
    const pooled = graph.node(op, [input.name])
    const batch = input.shape[0]!
    const rank = input.shape.length
    if (hasFlag(layer.config, 'keepdims', false)) {
      const ones = new Array<number>(rank - 2).fill(1)
      const shape = first ? [batch, channels, ...ones] : [batch, ...ones, channels]
      return { ...input, name: pooled, shape, mask: null }
    }
    return plain(input, graph.node('Flatten', [pooled], { axis: 1 }), [batch, channels])
  }

export const POOLING: Readonly<Record<string, Emit>> = {
  MaxPooling1D: windowed('MaxPool', 1),
  MaxPooling2D: windowed('MaxPool', 2),
  MaxPooling3D: windowed('MaxPool', 3),
  MaxPool2D: windowed('MaxPool', 2),
  AveragePooling1D: windowed('AveragePool', 1),
  AveragePooling2D: windowed('AveragePool', 2),
  AveragePooling3D: windowed('AveragePool', 3),
  AvgPool2D: windowed('AveragePool', 2),
  GlobalMaxPooling1D: overall('GlobalMaxPool'),
  GlobalMaxPooling2D: overall('GlobalMaxPool'),
  GlobalMaxPooling3D: overall('GlobalMaxPool'),
  GlobalAveragePooling1D: overall('GlobalAveragePool'),
  GlobalAveragePooling2D: overall('GlobalAveragePool'),
  GlobalAveragePooling3D: overall('GlobalAveragePool'),
}
