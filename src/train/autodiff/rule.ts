// What a gradient rule is given, and what rules share: reductions to a smaller shape, and back.

import type { Attributes } from '../../onnx/attribute.ts'
import type { ShapeContext } from '../../onnx/shapes/rule.ts'
import type { Emitter } from './emitter.ts'

/** One node of the forward graph, with the names of the gradients of its outputs. */
export interface GradientContext extends ShapeContext {
  readonly graph: Emitter
  /** Gradient of the first output; it has that output's shape, as every gradient has its value's. */
  readonly gradient: string
  /** Gradients of all outputs; undefined where the loss does not depend on one. */
  readonly gradients: readonly (string | undefined)[]
  /** Name of the input. */
  x(index: number): string
  /** Name of the output. */
  y(index?: number): string
  /** Shape of the input. */
  shape(index: number): readonly number[]
  outputShape(index?: number): readonly number[]
  /** Whether the loss's gradient by this input is asked for. */
  needs(index: number): boolean
  string(name: string, otherwise: string): string
  /** @throws DugaError `training.no-gradient` naming the node */
  refuse(): never
}

/** Names of the gradients by the node's inputs; null for those that have none or are not asked for. */
export type GradientRule = (context: GradientContext) => readonly (string | null)[]

/** A rule of an operator with one input: `derive` gives its gradient. */
export const unary =
  (derive: (context: GradientContext, gradient: string) => string): GradientRule =>
  (context) => [derive(context, context.gradient)]

/** Sums a gradient over the axes along which a value of shape `to` was stretched to `from`. */
export function sumTo(
  graph: Emitter,
  gradient: string,
  from: readonly number[],
  to: readonly number[],
): string {
  if (sameShape(from, to)) return gradient
  const lead = from.length - to.length
  const axes = [...from.keys()].filter((i) => i < lead || (to[i - lead] === 1 && from[i] !== 1))
  const summed =
    axes.length === 0 ? gradient : graph.node('ReduceSum', [gradient, graph.longs(axes)])
  return lead === 0 ? summed : graph.node('Reshape', [summed, graph.longs(to)])
}

/** A value with its axes reduced away, or kept as 1, stretched to `shape`. */
export function stretch(
  graph: Emitter,
  value: string,
  axes: readonly number[],
  shape: readonly number[],
): string {
  const kept = shape.map((dim, i) => (axes.includes(i) ? 1 : dim))
  const reshaped = graph.node('Reshape', [value, graph.longs(kept)])
  return graph.node('Expand', [reshaped, graph.longs(shape)])
}

export const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((dim, i) => dim === b[i])

export const KEEP: Attributes = { keepdims: 1 }
