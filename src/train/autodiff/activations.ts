// Gradients of activation functions. Where a function has a kink, the gradient there is that of one of its sides.

import { float } from '../../onnx/attribute.ts'
import { DATA_TYPE } from '../../onnx/proto.ts'
import { type GradientContext, type GradientRule, KEEP, sumTo, unary } from './rule.ts'

/** A rule for `y = f(x)`: `slope` emits f′(x). */
const slope = (derive: (context: GradientContext) => string): GradientRule =>
  unary((context, gradient) => context.graph.node('Mul', [gradient, derive(context)]))

/** `gradient` where the condition holds, else zero. */
const only = ({ graph }: GradientContext, condition: string, gradient: string): string =>
  graph.node('Where', [condition, gradient, graph.scalar(0)])

const isPositive = ({ graph, x }: GradientContext): string =>
  graph.node('Greater', [x(0), graph.scalar(0)])

const scaled = ({ graph }: GradientContext, value: string, factor: number): string =>
  graph.node('Mul', [value, graph.scalar(factor)])

const plus = ({ graph }: GradientContext, value: string, addend: number): string =>
  graph.node('Add', [value, graph.scalar(addend)])

/**
 * 1 above zero, else 0: a HardSigmoid too steep to be met in between. Measured half as long as a comparison and a Where.
 * Of the output, so that it can take the input's memory.
 */
function stepFunction({ graph, y }: GradientContext): string {
  return graph.node('HardSigmoid', [y()], { alpha: float(3e38), beta: float(0) })
}

export const activationGradients: Readonly<Record<string, GradientRule>> = {
  Relu: slope(stepFunction),
  LeakyRelu: unary((context, gradient) => {
    const leak = scaled(context, gradient, context.float('alpha', 0.01))
    return context.graph.node('Where', [isPositive(context), gradient, leak])
  }),
  PRelu: preluGradients,
  // What was not clipped equals its input.
  Clip: slope(({ graph, x, y }) =>
    graph.node('Cast', [graph.node('Equal', [x(0), y()])], { to: DATA_TYPE.float32 }),
  ),
  Elu: unary((context, gradient) => {
    const { graph, y } = context
    const below = graph.node('Mul', [gradient, plus(context, y(), context.float('alpha', 1))])
    return graph.node('Where', [isPositive(context), gradient, below])
  }),
  Selu: slope((context) => {
    const gamma = context.float('gamma', 1.0507010221481323)
    const below = plus(context, context.y(), gamma * context.float('alpha', 1.6732631921768188))
    return context.graph.node('Where', [isPositive(context), context.graph.scalar(gamma), below])
  }),
  Softplus: slope(({ graph, x }) => graph.node('Sigmoid', [x(0)])),
  Softsign: slope((context) => {
    const { graph, x } = context
    const root = plus(context, graph.node('Abs', [x(0)]), 1)
    return graph.node('Reciprocal', [graph.node('Mul', [root, root])])
  }),
  Sigmoid: slope(({ graph, y }) =>
    graph.node('Mul', [y(), graph.node('Sub', [graph.scalar(1), y()])]),
  ),
  Tanh: slope(({ graph, y }) =>
    graph.node('Sub', [graph.scalar(1), graph.node('Mul', [y(), y()])]),
  ),
  HardSigmoid: unary((context, gradient) => {
    const { graph, y } = context
    const inside = graph.node('And', [
      graph.node('Greater', [y(), graph.scalar(0)]),
      graph.node('Less', [y(), graph.scalar(1)]),
    ])
    return only(context, inside, scaled(context, gradient, context.float('alpha', 0.2)))
  }),
  HardSwish: slope((context) => {
    const { graph, x } = context
    const inner = plus(context, scaled(context, x(0), 1 / 3), 0.5)
    const above = graph.node('Greater', [x(0), graph.scalar(3)])
    const below = graph.node('Less', [x(0), graph.scalar(-3)])
    const rising = graph.node('Where', [below, graph.scalar(0), inner])
    return graph.node('Where', [above, graph.scalar(1), rising])
  }),
  Erf: slope((context) => bell(context, context.x(0), 1, 2 / Math.sqrt(Math.PI))),
  Gelu: slope((context) =>
    context.string('approximate', 'none') === 'tanh' ? geluTanhSlope(context) : geluSlope(context),
  ),
  Softmax: unary((context, gradient) => {
    const { graph, y } = context
    const weighted = graph.node('Mul', [gradient, y()])
    const total = graph.node('ReduceSum', [weighted, axis(context)], KEEP)
    return graph.node('Sub', [weighted, graph.node('Mul', [y(), total])])
  }),
  LogSoftmax: unary((context, gradient) => {
    const { graph, y } = context
    const total = graph.node('ReduceSum', [gradient, axis(context)], KEEP)
    const share = graph.node('Mul', [graph.node('Exp', [y()]), total])
    return graph.node('Sub', [gradient, share])
  }),
}

const axis = (context: GradientContext): string => context.graph.longs([context.int('axis', -1)])

function preluGradients(context: GradientContext): readonly (string | null)[] {
  const { graph, gradient, x } = context
  const positive = isPositive(context)
  const bySlope = (): string => {
    const whole = graph.node('Mul', [gradient, x(0)])
    const below = graph.node('Where', [positive, graph.scalar(0), whole])
    return sumTo(graph, below, context.outputShape(), context.shape(1))
  }
  const leak = graph.node('Mul', [gradient, x(1)])
  return [
    context.needs(0) ? graph.node('Where', [positive, gradient, leak]) : null,
    context.needs(1) ? bySlope() : null,
  ]
}

/** height · exp(−rate · x²) */
function bell(context: GradientContext, value: string, rate: number, height: number): string {
  const { graph } = context
  const exponent = scaled(context, graph.node('Mul', [value, value]), -rate)
  return scaled(context, graph.node('Exp', [exponent]), height)
}

/** Φ(x) + x · φ(x) */
function geluSlope(context: GradientContext): string {
  const { graph, x } = context
  const erf = graph.node('Erf', [scaled(context, x(0), Math.SQRT1_2)])
  const cumulative = scaled(context, plus(context, erf, 1), 0.5)
  const density = bell(context, x(0), 0.5, 1 / Math.sqrt(2 * Math.PI))
  return graph.node('Add', [cumulative, graph.node('Mul', [x(0), density])])
}

/** Of ½ x (1 + tanh u), u = √(2/π) (x + 0.044715 x³). */
function geluTanhSlope(context: GradientContext): string {
  const { graph, x } = context
  const root = Math.sqrt(2 / Math.PI)
  const square = graph.node('Mul', [x(0), x(0)])
  const inner = plus(context, scaled(context, square, 0.044715 * root), root)
  const tanh = graph.node('Tanh', [graph.node('Mul', [x(0), inner])])
  const left = scaled(context, plus(context, tanh, 1), 0.5)
  const steep = plus(context, scaled(context, square, 3 * 0.044715 * root), root)
  const flat = graph.node('Sub', [graph.scalar(1), graph.node('Mul', [tanh, tanh])])
  const right = graph.node('Mul', [scaled(context, x(0), 0.5), graph.node('Mul', [flat, steep])])
  return graph.node('Add', [left, right])
}
