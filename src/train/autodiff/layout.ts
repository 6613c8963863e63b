// Gradients of operators that move or copy elements: each puts them back, and sums the copies.

import { padsOf, sliceRanges } from '../../onnx/shapes/layout.ts'
import { axisOf } from '../../onnx/shapes/rule.ts'
import { type GradientContext, type GradientRule, sumTo, unary } from './rule.ts'

const reshapeBack: GradientRule = ({ graph, gradient, shape }) => [
  graph.node('Reshape', [gradient, graph.longs(shape(0))]),
]

export const layoutGradients: Readonly<Record<string, GradientRule>> = {
  Reshape: reshapeBack,
  Flatten: reshapeBack,
  Squeeze: reshapeBack,
  Unsqueeze: reshapeBack,
  Transpose: unary((context, gradient) => {
    const perm = context.ints('perm', [...context.shape(0).keys()].reverse())
    const inverse = perm.map((_, axis) => perm.indexOf(axis))
    return context.graph.node('Transpose', [gradient], { perm: inverse })
  }),
  Concat: (context) => {
    const { graph, gradient } = context
    const axis = axisOf(context.int('axis', 0), context.shape(0).length)
    const sizes = context.inputs.map((_, i) => context.shape(i)[axis]!)
    return graph.nodes('Split', [gradient, graph.longs(sizes)], sizes.length, { axis })
  },
  Split: (context) => {
    const { graph, gradients } = context
    const parts = gradients.map((part, i) => part ?? graph.zeros(context.outputShape(i)))
    const axis = axisOf(context.int('axis', 0), context.shape(0).length)
    return [graph.node('Concat', parts, { axis })]
  },
  Slice: unary(sliceGradient),
  Pad: (context) => {
    if (context.string('mode', 'constant') !== 'constant') context.refuse()
    const { begins, ends } = padsOf(context)
    const cut = [...begins, ...ends].map((pad) => -pad)
    return [context.graph.node('Pad', [context.gradient, context.graph.longs(cut)])]
  },
  Expand: unary(({ graph, shape, outputShape }, gradient) =>
    sumTo(graph, gradient, outputShape(), shape(0)),
  ),
  Tile: unary(({ graph, shape, longs }, gradient) => {
    const repeats = longs(1)!
    const split = shape(0).flatMap((dim, i) => [repeats[i]!, dim])
    const copies = graph.node('Reshape', [gradient, graph.longs(split)])
    const axes = graph.longs(repeats.map((_, i) => 2 * i))
    return graph.node('ReduceSum', [copies, axes], { keepdims: 0 })
  }),
  Resize: unary(resizeGradient),
}

/** Puts zeros where nothing was taken; a downward slice is turned round first. */
function sliceGradient(context: GradientContext, gradient: string): string {
  const { graph } = context
  const shape = context.shape(0)
  const current = [...context.outputShape()]
  const begins = shape.map(() => 0)
  const ends = shape.map(() => 0)
  let value = gradient
  for (const [axis, { start, step, count }] of sliceRanges(context).entries()) {
    const stride = Math.abs(step)
    const first = step > 0 ? start : start + (count - 1) * step
    if (step < 0) value = reversed(context, value, axis)
    if (stride > 1) {
      value = spaced(context, value, { shape: current, axis, stride })
      current[axis] = count * stride
    }
    begins[axis] = first
    ends[axis] = shape[axis]! - first - current[axis]!
  }
  return graph.node('Pad', [value, graph.longs([...begins, ...ends])])
}

function reversed({ graph }: GradientContext, value: string, axis: number): string {
  const [last, beforeFirst] = [graph.longs([-1]), graph.longs([-(2 ** 31)])]
  return graph.node('Slice', [value, last, beforeFirst, graph.longs([axis]), last])
}

/** Zeros after every element along an axis, so that elements lie `stride` apart. */
function spaced(
  { graph }: GradientContext,
  value: string,
  options: { readonly shape: readonly number[]; readonly axis: number; readonly stride: number },
): string {
  const { shape, axis, stride } = options
  const apart = shape.toSpliced(axis + 1, 0, 1)
  const pads = [...apart.map(() => 0), ...apart.map((_, i) => (i === axis + 1 ? stride - 1 : 0))]
  const padded = graph.node('Pad', [
    graph.node('Reshape', [value, graph.longs(apart)]),
    graph.longs(pads),
  ])
  const joined = shape.with(axis, shape[axis]! * stride)
  return graph.node('Reshape', [padded, graph.longs(joined)])
}

/** Only of repetition by whole numbers: nearest neighbours of a picture made larger. */
function resizeGradient(context: GradientContext, gradient: string): string {
  const { graph } = context
  const [from, to] = [context.shape(0), context.outputShape()]
  const scales = from.map((dim, i) => to[i]! / dim)
  const coordinates = context.string('coordinate_transformation_mode', 'half_pixel')
  const floors = context.string('nearest_mode', 'round_prefer_floor') === 'floor'
  const repeats =
    context.string('mode', 'nearest') === 'nearest' &&
    (coordinates.endsWith('half_pixel') ? !floors : coordinates === 'asymmetric' && floors) &&
    scales.every(Number.isInteger)
  if (!repeats) context.refuse()
  const split = from.flatMap((dim, i) => [dim, scales[i]!])
  const copies = graph.node('Reshape', [gradient, graph.longs(split)])
  return graph.node('ReduceSum', [copies, graph.longs(from.map((_, i) => 2 * i + 1))], {
    keepdims: 0,
  })
}
