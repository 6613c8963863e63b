// Gradients of normalisation. BatchNormalization comes in two forms: with the batch's own statistics, which are then its
// second and third output, and with stored ones, where it is linear.

import { axisOf } from '../../onnx/shapes/rule.ts'
import { type GradientContext, type GradientRule, KEEP, sumTo } from './rule.ts'

export const normalisationGradients: Readonly<Record<string, GradientRule>> = {
  BatchNormalization: (context) =>
    context.int('training_mode', 0) === 1 ? batchStatistics(context) : storedStatistics(context),
  InstanceNormalization: (context) => {
    const shape = context.shape(0)
    const axes = [...shape.keys()].slice(2)
    return normalised(context, axes, channelShape(shape))
  },
  LayerNormalization: (context) => {
    const shape = context.shape(0)
    const from = axisOf(context.int('axis', -1), shape.length)
    return normalised(context, [...shape.keys()].slice(from), context.shape(1))
  },
}

/** [1, C, 1, …]: how a number a channel lies beside a value of this shape. */
const channelShape = (shape: readonly number[]): number[] =>
  shape.map((dim, i) => (i === 1 ? dim : 1))

/**
 * Of (x − mean) / √(variance + ε) · scale + bias, mean and variance over `axes` (Ioffe and Szegedy 2015; Ba et al. 2016).
 *
 * @param scaleShape shape at which scale and bias are broadcast
 */
function normalised(
  context: GradientContext,
  axes: readonly number[],
  scaleShape: readonly number[],
): readonly (string | null)[] {
  const { graph, x } = context
  const over = graph.longs(axes)
  const centred = graph.node('Sub', [x(0), graph.node('ReduceMean', [x(0), over], KEEP)])
  const square = graph.node('Mul', [centred, centred])
  const variance = graph.node('ReduceMean', [square, over], KEEP)
  return fromStatistics(context, {
    centred,
    inverse: inverseRoot(context, variance),
    axes,
    scaleShape,
  })
}

/**
 * As {@link normalised}, with the statistics that the node itself gives, and in as few passes over the elements as there
 * can be: dx = scale · inverse · (gradient − mean(gradient) − centred · inverse² · mean(gradient · centred)).
 */
function batchStatistics(context: GradientContext): readonly (string | null)[] {
  const { graph, gradient, x } = context
  const shape = context.shape(0)
  const over = graph.longs([...shape.keys()].filter((axis) => axis !== 1))
  const count = shape.reduce((all, dim, axis) => (axis === 1 ? all : all * dim), 1)
  const aligned = (value: string): string =>
    graph.node('Reshape', [value, graph.longs(channelShape(shape))])
  const flat = (value: string): string =>
    graph.node('Reshape', [value, graph.longs(context.shape(1))])
  const inverse = aligned(inverseRoot(context, context.y(2)))
  const centred = graph.node('Sub', [x(0), aligned(context.y(1))])
  const total = graph.node('ReduceSum', [gradient, over], KEEP)
  const slope = graph.node('ReduceSum', [graph.node('Mul', [gradient, centred]), over], KEEP)
  const byInput = (): string => {
    const share = graph.scalar(1 / count)
    const square = graph.node('Mul', [inverse, inverse])
    const steepness = graph.node('Mul', [graph.node('Mul', [slope, square]), share])
    const tilted = graph.node('Sub', [gradient, graph.node('Mul', [centred, steepness])])
    const level = graph.node('Sub', [tilted, graph.node('Mul', [total, share])])
    return graph.node('Mul', [level, graph.node('Mul', [aligned(x(1)), inverse])])
  }
  return [
    context.needs(0) ? byInput() : null,
    context.needs(1) ? flat(graph.node('Mul', [slope, inverse])) : null,
    context.needs(2) ? flat(total) : null,
    null,
    null,
  ]
}

interface Statistics {
  /** x − mean */
  readonly centred: string
  /** 1 / √(variance + ε), axes kept */
  readonly inverse: string
  readonly axes: readonly number[]
  readonly scaleShape: readonly number[]
}

/** dx = inverse · (h − mean(h) − normal · mean(h · normal)), h = gradient · scale, normal = centred · inverse. */
function fromStatistics(
  context: GradientContext,
  { centred, inverse, axes, scaleShape }: Statistics,
): readonly (string | null)[] {
  const { graph, gradient } = context
  const shape = context.shape(0)
  const over = graph.longs(axes)
  const normal = graph.node('Mul', [centred, inverse])
  const byInput = (): string => {
    const scale = graph.node('Reshape', [context.x(1), graph.longs(scaleShape)])
    const h = graph.node('Mul', [gradient, scale])
    const mean = graph.node('ReduceMean', [h, over], KEEP)
    const slope = graph.node('ReduceMean', [graph.node('Mul', [h, normal]), over], KEEP)
    const flat = graph.node('Sub', [h, mean])
    const rest = graph.node('Sub', [flat, graph.node('Mul', [normal, slope])])
    return graph.node('Mul', [rest, inverse])
  }
  const summed = (value: string): string => {
    const sum = sumTo(graph, value, shape, scaleShape)
    return graph.node('Reshape', [sum, graph.longs(context.shape(1))])
  }
  return [
    context.needs(0) ? byInput() : null,
    context.needs(1) ? summed(graph.node('Mul', [gradient, normal])) : null,
    context.needs(2) ? summed(gradient) : null,
  ]
}

function storedStatistics(context: GradientContext): readonly (string | null)[] {
  const { graph, gradient, x } = context
  if (context.needs(3) || context.needs(4)) context.refuse()
  const shape = context.shape(0)
  const scaleShape = channelShape(shape)
  const aligned = (value: string): string => graph.node('Reshape', [value, graph.longs(scaleShape)])
  const inverse = inverseRoot(context, x(4))
  const axes = graph.longs([...shape.keys()].filter((axis) => axis !== 1))
  const summed = (value: string): string => graph.node('ReduceSum', [value, axes], { keepdims: 0 })
  const byInput = (): string =>
    graph.node('Mul', [gradient, aligned(graph.node('Mul', [x(1), inverse]))])
  const byScale = (): string => {
    const centred = graph.node('Sub', [x(0), aligned(x(3))])
    return graph.node('Mul', [summed(graph.node('Mul', [gradient, centred])), inverse])
  }
  return [
    context.needs(0) ? byInput() : null,
    context.needs(1) ? byScale() : null,
    context.needs(2) ? summed(gradient) : null,
    null,
    null,
  ]
}

function inverseRoot(context: GradientContext, variance: string): string {
  const { graph } = context
  const shifted = graph.node('Add', [variance, graph.scalar(context.float('epsilon', 1e-5))])
  return graph.node('Reciprocal', [graph.node('Sqrt', [shifted])])
}
