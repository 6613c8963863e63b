// Gradients of pooling.

import { intsOf } from '../../onnx/attribute.ts'
import { sizeOf } from '../../onnx/shapes/rule.ts'
import { extentOf, type Window, windowOf } from '../../onnx/window.ts'
import { type GradientContext, type GradientRule, KEEP, stretch, unary } from './rule.ts'

export const poolingGradients: Readonly<Record<string, GradientRule>> = {
  MaxPool: unary(maxPoolGradient),
  AveragePool: unary(averagePoolGradient),
  GlobalAveragePool: unary((context, gradient) => {
    const { graph } = context
    const shape = context.shape(0)
    const share = graph.scalar(1 / sizeOf(shape.slice(2)))
    const scaled = graph.node('Mul', [gradient, share])
    return stretch(graph, scaled, spatialAxes(shape), shape)
  }),
  GlobalMaxPool: unary((context, gradient) => {
    const { graph, x, y } = context
    const hits = graph.node('Equal', [x(0), y()])
    const ones = graph.node('Cast', [hits], { to: 1 })
    const axes = graph.longs(spatialAxes(context.shape(0)))
    const count = graph.node('ReduceSum', [ones, axes], KEEP)
    return graph.node('Mul', [ones, graph.node('Div', [gradient, count])])
  }),
}

const spatialAxes = (shape: readonly number[]): number[] => [...shape.keys()].slice(2)

/**
 * Each window's gradient goes to its largest element, the first of equal ones, as in Keras and PyTorch. The operator itself
 * reports which that is; see training-nodes.ts for the forward node that does.
 */
function maxPoolGradient(context: GradientContext, gradient: string): string {
  const { graph, node } = context
  const shape = context.shape(0)
  const window = windowOf(node, shape.slice(2), context.ints('kernel_shape', []))
  const indices =
    node.output[1] ??
    graph.nodes('MaxPool', [context.x(0)], 2, {
      kernel_shape: window.kernel,
      strides: window.strides,
      dilations: window.dilations,
      pads: [...window.begins, ...window.ends],
    })[1]!
  // Where no two windows share an element, none is added to twice: three times as fast as a sum of scattered elements.
  if (isTiling(window)) {
    return graph.node('MaxUnpool', [gradient, indices, graph.longs(shape)], {
      kernel_shape: window.kernel,
      strides: window.strides,
    })
  }
  const flat = graph.longs([-1])
  const scattered = graph.node(
    'ScatterElements',
    [
      graph.zeros([sizeOf(shape)]),
      graph.node('Reshape', [indices, flat]),
      graph.node('Reshape', [gradient, flat]),
    ],
    { reduction: 'add' },
  )
  return graph.node('Reshape', [scattered, graph.longs(shape)])
}

/** Whether every element lies in at most one window. */
const isTiling = ({ kernel, strides, dilations, begins, ends }: Window): boolean =>
  kernel.every((size, i) => size === strides[i] && dilations[i] === 1) &&
  [...begins, ...ends].every((pad) => pad === 0)

/** A transposed convolution with a kernel of ones, after each window's gradient is shared among its elements. */
function averagePoolGradient(context: GradientContext, gradient: string): string {
  const { graph } = context
  const shape = context.shape(0)
  const sizes = shape.slice(2)
  const window = windowOf(context.node, sizes, context.ints('kernel_shape', []))
  const share = graph.constant('share', {
    type: 'float32',
    dims: [1, 1, ...window.output],
    data: windowShares(context, window, sizes),
  })
  const shared = graph.node('Mul', [gradient, share])
  const planes = graph.node('Reshape', [shared, graph.longs([-1, 1, ...window.output])])
  const kernel = graph.constant('ones', {
    type: 'float32',
    dims: [1, 1, ...window.kernel],
    data: new Float32Array(sizeOf(window.kernel)).fill(1),
  })
  const over = sizes.map((size, i) => {
    const extent = extentOf(window.kernel[i]!, window.dilations[i]!)
    return (window.output[i]! - 1) * window.strides[i]! + extent - window.begins[i]! - size
  })
  const spread = graph.node('ConvTranspose', [planes, kernel], {
    strides: window.strides,
    dilations: window.dilations,
    pads: [...window.begins, ...over.map((end) => Math.max(end, 0))],
    output_padding: over.map((end) => Math.max(-end, 0)),
  })
  return graph.node('Reshape', [spread, graph.longs(shape)])
}

/** 1 / the number of elements that each window averages over, row by row. */
function windowShares(
  context: GradientContext,
  window: Window,
  sizes: readonly number[],
): Float32Array {
  const includesPads = context.int('count_include_pad', 0) === 1
  const isExplicit = context.string('auto_pad', 'NOTSET') === 'NOTSET'
  const declared = intsOf(context.node, 'pads', [...sizes, ...sizes].fill(0)).slice(sizes.length)
  const ends = isExplicit ? declared : window.ends
  let shares = [1]
  for (const [i, size] of sizes.entries()) {
    const low = includesPads ? -window.begins[i]! : 0
    const high = includesPads ? size + ends[i]! : size
    const counts = Array.from({ length: window.output[i]! }, (_, at) => {
      const start = at * window.strides[i]! - window.begins[i]!
      const taps = Array.from(
        { length: window.kernel[i]! },
        (_, tap) => start + tap * window.dilations[i]!,
      )
      return taps.filter((position) => position >= low && position < high).length
    })
    shares = shares.flatMap((share) => counts.map((count) => share / count))
  }
  return Float32Array.from(shares)
}
