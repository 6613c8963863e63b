// The gradient of convolutions by their weights: the input as each tap of the kernel saw it, times the gradient, over the
// whole batch; about 1.5 forward passes (as a Conv with batch and channels exchanged it is 2.5).

import { sizeOf } from '../../onnx/shapes/rule.ts'
import type { Window } from '../../onnx/window.ts'
import type { GradientContext } from './rule.ts'

/** From so many channels on, a product a tap is faster than one product of all taps side by side. */
export const WIDE = 16

export interface Taps {
  readonly window: Window
  /** The side with a position a window: a Conv's output, a ConvTranspose's input; with its shape [N, M, …]. */
  readonly fewer: string
  readonly few: readonly number[]
  /** The side that the kernel slides over; with its shape [N, C, …]. */
  readonly more: string
  readonly many: readonly number[]
}

/** [M, C / group, …kernel]: Σ fewer · more, where each tap of the kernel lies. */
export function byWeights(context: GradientContext, taps: Taps): string {
  const { graph } = context
  const group = context.int('group', 1)
  const [rows, channels] = [taps.few[1]!, taps.many[1]!]
  const kernel = graph.longs([rows, channels / group, ...taps.window.kernel])
  if (group === channels && group === rows) {
    return graph.node('Reshape', [depthwise(context, taps), kernel])
  }
  const positions = taps.few[0]! * sizeOf(taps.few.slice(2))
  const swapped = (value: string): string =>
    graph.node('Transpose', [value], { perm: taps.few.map((_, i) => (i < 2 ? 1 - i : i)) })
  const seen = tapViews(context, { ...taps, more: swapped(padded(context, taps)) })
  const left = swapped(taps.fewer)
  if (group > 1) return graph.node('Reshape', [grouped(context, taps, left, seen), kernel])
  const matrix = graph.node('Reshape', [left, graph.longs([rows, positions])])
  if (channels >= WIDE || seen.length === 1) {
    const parts = seen.map((view) => {
      const flat = graph.node('Reshape', [view, graph.longs([channels, positions])])
      const product = graph.node('Gemm', [matrix, flat], { transB: 1 })
      return graph.node('Reshape', [product, graph.longs([rows, channels, 1])])
    })
    return graph.node('Reshape', [joined(context, parts), kernel])
  }
  const beside = graph.node('Concat', seen, { axis: 0 })
  const flat = graph.node('Reshape', [beside, graph.longs([seen.length * channels, positions])])
  const product = graph.node('Gemm', [matrix, flat], { transB: 1 })
  if (channels === 1) return graph.node('Reshape', [product, kernel])
  const split = graph.node('Reshape', [product, graph.longs([rows, seen.length, channels])])
  return graph.node('Reshape', [graph.node('Transpose', [split], { perm: [0, 2, 1] }), kernel])
}

/** [M, C / group, taps] of a grouped convolution: a product a group and tap. */
function grouped(
  context: GradientContext,
  taps: Taps,
  left: string,
  seen: readonly string[],
): string {
  const { graph } = context
  const group = context.int('group', 1)
  const [rows, channels] = [taps.few[1]!, taps.many[1]!]
  const matrices = graph.node('Reshape', [left, graph.longs([group, rows / group, -1])])
  const parts = seen.map((view) => {
    const flat = graph.node('Reshape', [view, graph.longs([group, channels / group, -1])])
    const turned = graph.node('Transpose', [flat], { perm: [0, 2, 1] })
    const product = graph.node('MatMul', [matrices, turned])
    return graph.node('Reshape', [product, graph.longs([rows, channels / group, 1])])
  })
  return joined(context, parts)
}

/** [C, 1, taps] of a convolution with a kernel a channel: a sum of products a tap. */
function depthwise(context: GradientContext, taps: Taps): string {
  const { graph } = context
  const axes = graph.longs([...taps.few.keys()].filter((axis) => axis !== 1))
  const seen = tapViews(context, { ...taps, more: padded(context, taps) })
  const parts = seen.map((view) => {
    const product = graph.node('Mul', [view, taps.fewer])
    const sum = graph.node('ReduceSum', [product, axes], { keepdims: 0 })
    return graph.node('Reshape', [sum, graph.longs([taps.many[1]!, 1, 1])])
  })
  return joined(context, parts)
}

const joined = ({ graph }: GradientContext, parts: readonly string[]): string =>
  parts.length === 1 ? parts[0]! : graph.node('Concat', parts, { axis: 2 })

function padded({ graph }: GradientContext, { more, window }: Taps): string {
  const { begins, ends } = window
  if ([...begins, ...ends].every((pad) => pad === 0)) return more
  return graph.node('Pad', [more, graph.longs([0, 0, ...begins, 0, 0, ...ends])])
}

/** For each tap of the kernel in row-major order the elements that it meets, one a window. */
function tapViews({ graph }: GradientContext, { more, many, few, window }: Taps): string[] {
  const { kernel, strides, dilations, begins, ends } = window
  const sizes = many.slice(2).map((size, i) => size + begins[i]! + ends[i]!)
  const counts = few.slice(2)
  const axes = graph.longs(kernel.map((_, i) => i + 2))
  return positions(kernel).map((tap) => {
    const starts = tap.map((at, i) => at * dilations[i]!)
    const stops = starts.map((start, i) => start + (counts[i]! - 1) * strides[i]! + 1)
    const isAll = starts.every((start, i) => start === 0 && counts[i] === sizes[i])
    if (isAll) return more
    const bounds = [graph.longs(starts), graph.longs(stops)]
    return graph.node('Slice', [more, ...bounds, axes, graph.longs(strides)])
  })
}

function positions(kernel: readonly number[]): number[][] {
  return kernel.reduce<number[][]>(
    (all, size) => all.flatMap((tap) => Array.from({ length: size }, (_, i) => [...tap, i])),
    [[]],
  )
}
