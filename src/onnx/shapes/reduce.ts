// Shapes of reductions over axes, and of the position of an extreme.

import { axisOf, type ShapeContext, type ShapeRule } from './rule.ts'

const reduce: ShapeRule = (context) => {
  const { type, shape } = context.input(0)
  const axes = reducedAxes(context)
  return [{ type, shape: reduced(shape, axes, context.int('keepdims', 1) === 1) }]
}

const position: ShapeRule = (context) => {
  const { shape } = context.input(0)
  const axis = axisOf(context.int('axis', 0), shape.length)
  return [{ type: 'int64', shape: reduced(shape, [axis], context.int('keepdims', 1) === 1) }]
}

export const reduceShapes: Readonly<Record<string, ShapeRule>> = {
  ReduceL1: reduce,
  ReduceL2: reduce,
  ReduceLogSumExp: reduce,
  ReduceMax: reduce,
  ReduceMean: reduce,
  ReduceMin: reduce,
  ReduceProd: reduce,
  ReduceSum: reduce,
  ReduceSumSquare: reduce,
  ArgMax: position,
  ArgMin: position,
}

/** The axes that a reduction node takes away, none of them negative; all of them where it names none. */
export function reducedAxes(context: ShapeContext): number[] {
  const rank = context.input(0).shape.length
  const axes = context.longs(1) ?? []
  if (axes.length > 0) return axes.map((axis) => axisOf(axis, rank))
  if (context.int('noop_with_empty_axes', 0) === 1) return []
  return Array.from({ length: rank }, (_, i) => i)
}

function reduced(shape: readonly number[], axes: readonly number[], keep: boolean): number[] {
  const kept = shape.map((dim, i) => (axes.includes(i) ? 1 : dim))
  return keep ? kept : kept.filter((_, i) => !axes.includes(i))
}
