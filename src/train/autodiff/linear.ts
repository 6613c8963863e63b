// Gradients of matrix products.

import { type GradientContext, type GradientRule, sumTo } from './rule.ts'

export const linearGradients: Readonly<Record<string, GradientRule>> = {
  MatMul: (context) => {
    const matrices = context.shape(1).length === 2 && context.shape(0).length >= 2
    return matrices ? matrixGradients(context) : batchedGradients(context)
  },
  Gemm: gemmGradients,
}

/** [..., k] × [k, n]: the leading axes are one long axis of rows. */
function matrixGradients(context: GradientContext): readonly (string | null)[] {
  const { graph } = context
  const [k, n] = context.shape(1) as [number, number]
  const rows = (value: string, width: number): string =>
    graph.node('Reshape', [value, graph.longs([-1, width])])
  const gradient = rows(context.gradient, n)
  const left = (): string => {
    const product = graph.node('Gemm', [gradient, context.x(1)], { transB: 1 })
    return graph.node('Reshape', [product, graph.longs(context.shape(0))])
  }
  return [
    context.needs(0) ? left() : null,
    context.needs(1) ? graph.node('Gemm', [rows(context.x(0), k), gradient], { transA: 1 }) : null,
  ]
}

/** Products of stacks of matrices, with broadcasting; vectors are matrices of one row or column. */
function batchedGradients(context: GradientContext): readonly (string | null)[] {
  const { graph } = context
  const [shapeA, shapeB] = [context.shape(0), context.shape(1)]
  const wideA = shapeA.length === 1 ? [1, ...shapeA] : shapeA
  const wideB = shapeB.length === 1 ? [...shapeB, 1] : shapeB
  const batch = context.outputShape().slice(0, Math.max(wideA.length, wideB.length) - 2)
  const [m, k, n] = [wideA.at(-2)!, wideA.at(-1)!, wideB.at(-1)!]
  const reshape = (value: string, to: readonly number[]): string =>
    graph.node('Reshape', [value, graph.longs(to)])
  const swap = (value: string, rank: number): string => {
    const axes = Array.from({ length: rank }, (_, i) => i)
    const perm = [...axes.slice(0, -2), rank - 1, rank - 2]
    return graph.node('Transpose', [value], { perm })
  }
  const gradient = reshape(context.gradient, [...batch, m, n])
  const left = (): string => {
    const b = swap(reshape(context.x(1), wideB), wideB.length)
    const product = graph.node('MatMul', [gradient, b])
    return reshape(sumTo(graph, product, [...batch, m, k], wideA), shapeA)
  }
  const right = (): string => {
    const a = swap(reshape(context.x(0), wideA), wideA.length)
    const product = graph.node('MatMul', [a, gradient])
    return reshape(sumTo(graph, product, [...batch, k, n], wideB), shapeB)
  }
  return [context.needs(0) ? left() : null, context.needs(1) ? right() : null]
}

function gemmGradients(context: GradientContext): readonly (string | null)[] {
  const { graph, gradient } = context
  const [a, b] = [context.x(0), context.x(1)]
  const transA = context.int('transA', 0)
  const transB = context.int('transB', 0)
  const alpha = { alpha: { float: context.float('alpha', 1) } }
  const left = (): string =>
    transA === 0
      ? graph.node('Gemm', [gradient, b], { ...alpha, transB: 1 - transB })
      : graph.node('Gemm', [b, gradient], { ...alpha, transA: transB, transB: 1 })
  const right = (): string =>
    transB === 0
      ? graph.node('Gemm', [a, gradient], { ...alpha, transA: 1 - transA })
      : graph.node('Gemm', [gradient, a], { ...alpha, transA: 1, transB: transA })
  const addend = (): string => {
    const beta = context.float('beta', 1)
    const summed = sumTo(graph, gradient, context.outputShape(), context.shape(2))
    return beta === 1 ? summed : graph.node('Mul', [summed, graph.scalar(beta)])
  }
  return [
    context.needs(0) ? left() : null,
    context.needs(1) ? right() : null,
    context.needs(2) ? addend() : null,
  ]
}
