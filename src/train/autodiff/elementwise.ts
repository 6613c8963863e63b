// Gradients of arithmetic with broadcasting, of elementary functions and of selections.

import { type GradientContext, type GradientRule, sumTo, unary } from './rule.ts'

/** A rule of an operator with two broadcast inputs, from the gradient by each before it is summed. */
const binary =
  (...parts: ((context: GradientContext, gradient: string) => string)[]): GradientRule =>
  (context) =>
    parts.map((part, i) => (context.needs(i) ? summed(context, i, part) : null))

function summed(
  context: GradientContext,
  index: number,
  part: (context: GradientContext, gradient: string) => string,
): string {
  const whole = part(context, context.gradient)
  return sumTo(context.graph, whole, context.outputShape(), context.shape(index))
}

const same = (_: GradientContext, gradient: string): string => gradient

const opposite = ({ graph }: GradientContext, gradient: string): string =>
  graph.node('Neg', [gradient])

const times = ({ graph }: GradientContext, a: string, b: string): string =>
  graph.node('Mul', [a, b])

/** Where one of two inputs was chosen: equal ones share the gradient. */
const chosen =
  (index: number) =>
  (context: GradientContext, gradient: string): string => {
    const { graph } = context
    if (context.node.input.length !== 2) context.refuse()
    const [mine, other] = [context.x(index), context.x(1 - index)]
    const isMine = graph.node('Equal', [mine, context.y()])
    const isOther = graph.node('Equal', [other, context.y()])
    const half = graph.node('Mul', [gradient, graph.scalar(0.5)])
    const share = graph.node('Where', [isOther, half, gradient])
    return graph.node('Where', [isMine, share, graph.scalar(0)])
  }

export const elementwiseGradients: Readonly<Record<string, GradientRule>> = {
  Add: binary(same, same),
  Sub: binary(same, opposite),
  Mul: binary(
    (context, gradient) => times(context, gradient, context.x(1)),
    (context, gradient) => times(context, gradient, context.x(0)),
  ),
  Div: binary(
    ({ graph, x }, gradient) => graph.node('Div', [gradient, x(1)]),
    (context, gradient) => {
      const { graph, x, y } = context
      const quotient = graph.node('Div', [y(), x(1)])
      return graph.node('Neg', [times(context, gradient, quotient)])
    },
  ),
  Pow: binary(powerByBase, ({ graph, x, y }, gradient) => {
    const slope = graph.node('Mul', [y(), graph.node('Log', [x(0)])])
    return graph.node('Mul', [gradient, slope])
  }),
  Sum: (context) => context.inputs.map((_, i) => summed(context, i, same)),
  Mean: (context) => {
    const { graph, inputs } = context
    const part = graph.node('Div', [context.gradient, graph.scalar(inputs.length)])
    return inputs.map((_, i) => summed(context, i, () => part))
  },
  Max: binary(chosen(0), chosen(1)),
  Min: binary(chosen(0), chosen(1)),
  Where: (context) => {
    const { graph, gradient, x } = context
    const zero = graph.scalar(0)
    const yes = (): string => graph.node('Where', [x(0), gradient, zero])
    const no = (): string => graph.node('Where', [x(0), zero, gradient])
    return [
      null,
      context.needs(1) ? summed(context, 1, yes) : null,
      context.needs(2) ? summed(context, 2, no) : null,
    ]
  },
  Abs: unary((context, gradient) =>
    times(context, gradient, context.graph.node('Sign', [context.x(0)])),
  ),
  Neg: unary(opposite),
  Exp: unary((context, gradient) => times(context, gradient, context.y())),
  Log: unary(({ graph, x }, gradient) => graph.node('Div', [gradient, x(0)])),
  Sqrt: unary(({ graph, y }, gradient) => {
    const half = graph.node('Mul', [gradient, graph.scalar(0.5)])
    return graph.node('Div', [half, y()])
  }),
  Reciprocal: unary((context, gradient) => {
    const square = times(context, context.y(), context.y())
    return context.graph.node('Neg', [times(context, gradient, square)])
  }),
  Sin: unary((context, gradient) =>
    times(context, gradient, context.graph.node('Cos', [context.x(0)])),
  ),
  Cos: unary((context, gradient) => {
    const sine = context.graph.node('Sin', [context.x(0)])
    return context.graph.node('Neg', [times(context, gradient, sine)])
  }),
  Identity: unary(same),
  // Outside training a Dropout passes its input on; in training another node stands in its place.
  Dropout: unary(same),
  Cast: (context) => (context.input(0).type === 'float32' ? [context.gradient] : context.refuse()),
}

/** b · aᵇ⁻¹, written without a power where b is 2. */
function powerByBase(context: GradientContext, gradient: string): string {
  const { graph, x } = context
  const exponent = context.input(1).constant
  const isSquare = exponent?.data.length === 1 && Number(exponent.data[0]) === 2
  const lowered = isSquare
    ? x(0)
    : graph.node('Pow', [x(0), graph.node('Sub', [x(1), graph.scalar(1)])])
  return times(context, gradient, times(context, lowered, x(1)))
}
