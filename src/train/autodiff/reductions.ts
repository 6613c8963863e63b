// Gradients of reductions over axes.

import { reducedAxes } from '../../onnx/shapes/reduce.ts'
import { type GradientContext, type GradientRule, KEEP, stretch } from './rule.ts'

/** A rule from the gradient stretched back to the input's shape. */
const spread =
  (derive: (context: GradientContext, gradient: string) => string): GradientRule =>
  (context) => [derive(context, back(context, context.gradient)), null]

/** A reduced value at the input's shape. */
function back(context: GradientContext, value: string): string {
  return stretch(context.graph, value, reducedAxes(context), context.shape(0))
}

/** The extreme's elements; equal ones share its gradient. */
const extreme = spread((context, gradient) => {
  const { graph, x, y } = context
  const axes = graph.longs(reducedAxes(context))
  const hits = graph.node('Equal', [x(0), back(context, y())])
  const ones = graph.node('Cast', [hits], { to: 1 })
  const count = graph.node('ReduceSum', [ones, axes], KEEP)
  return graph.node('Mul', [gradient, graph.node('Div', [ones, count])])
})

export const reductionGradients: Readonly<Record<string, GradientRule>> = {
  ReduceSum: spread((_, gradient) => gradient),
  ReduceMean: spread((context, gradient) => {
    const { graph } = context
    const count = reducedAxes(context).reduce((all, axis) => all * context.shape(0)[axis]!, 1)
    return graph.node('Mul', [gradient, graph.scalar(1 / count)])
  }),
  ReduceMax: extreme,
  ReduceMin: extreme,
  ReduceSumSquare: spread(({ graph, x }, gradient) => {
    const twice = graph.node('Mul', [x(0), graph.scalar(2)])
    return graph.node('Mul', [gradient, twice])
  }),
  ReduceL1: spread(({ graph, x }, gradient) =>
    graph.node('Mul', [gradient, graph.node('Sign', [x(0)])]),
  ),
  ReduceL2: spread((context, gradient) => {
    const { graph, x, y } = context
    const direction = graph.node('Div', [x(0), back(context, y())])
    return graph.node('Mul', [gradient, direction])
  }),
  ReduceLogSumExp: spread((context, gradient) => {
    const { graph, x, y } = context
    const share = graph.node('Exp', [graph.node('Sub', [x(0), back(context, y())])])
    return graph.node('Mul', [gradient, share])
  }),
}
