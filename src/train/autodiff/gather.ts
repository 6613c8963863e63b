// Gradients of picking elements, such as rows of an embedding: what was picked twice receives twice. Scattering runs on
// one thread in onnxruntime, so the sums are always made in the same order.

import { axisOf, sizeOf } from '../../onnx/shapes/rule.ts'
import { type GradientContext, type GradientRule, sameShape } from './rule.ts'

export const gatherGradients: Readonly<Record<string, GradientRule>> = {
  Gather: (context) => {
    const { graph, gradient } = context
    const shape = context.shape(0)
    const axis = axisOf(context.int('axis', 0), shape.length)
    const count = sizeOf(context.shape(1))
    const picked = shape.with(axis, count)
    const aligned = shape.map((_, i) => (i === axis ? count : 1))
    const indices = graph.node('Reshape', [context.x(1), graph.longs(aligned)])
    return [
      scatter(context, axis, {
        indices: sameShape(aligned, picked)
          ? indices
          : graph.node('Expand', [indices, graph.longs(picked)]),
        updates: graph.node('Reshape', [gradient, graph.longs(picked)]),
      }),
      null,
    ]
  },
  GatherElements: (context) => {
    const axis = axisOf(context.int('axis', 0), context.shape(0).length)
    return [scatter(context, axis, { indices: context.x(1), updates: context.gradient }), null]
  },
}

function scatter(
  { graph, shape }: GradientContext,
  axis: number,
  { indices, updates }: { readonly indices: string; readonly updates: string },
): string {
  return graph.node('ScatterElements', [graph.zeros(shape(0)), indices, updates], {
    axis,
    reduction: 'add',
  })
}
