// Geometry of sliding windows, shared by convolutions and pooling: kernel, strides, dilations and pads of a node with
// `auto_pad` and `ceil_mode` resolved for given sizes.

import { intOf, intsOf, stringOf } from './attribute.ts'
import type { NodeProto } from './proto.ts'

/** One number a spatial dimension each. */
export interface Window {
  readonly kernel: readonly number[]
  readonly strides: readonly number[]
  readonly dilations: readonly number[]
  /** Before the first element. */
  readonly begins: readonly number[]
  /** After the last element; may be more than the node says, where `ceil_mode` rounds up. */
  readonly ends: readonly number[]
  readonly output: readonly number[]
}

/**
 * The window of Conv, MaxPool or AveragePool.
 *
 * @param sizes spatial sizes of the input
 * @param kernel spatial sizes of the kernel
 */
export function windowOf(
  node: NodeProto,
  sizes: readonly number[],
  kernel: readonly number[],
): Window {
  const strides = intsOf(node, 'strides', fill(sizes, 1))
  const dilations = intsOf(node, 'dilations', fill(sizes, 1))
  const autoPad = stringOf(node, 'auto_pad', 'NOTSET')
  const pads = intsOf(node, 'pads', [...fill(sizes, 0), ...fill(sizes, 0)])
  const ceil = intOf(node, 'ceil_mode', 0) === 1
  const begins: number[] = []
  const ends: number[] = []
  const output = sizes.map((size, i) => {
    const [stride, extent] = [strides[i]!, extentOf(kernel[i]!, dilations[i]!)]
    if (autoPad.startsWith('SAME')) {
      const count = Math.ceil(size / stride)
      const total = Math.max((count - 1) * stride + extent - size, 0)
      begins[i] = autoPad === 'SAME_UPPER' ? Math.floor(total / 2) : Math.ceil(total / 2)
      ends[i] = total - begins[i]!
      return count
    }
    begins[i] = autoPad === 'VALID' ? 0 : pads[i]!
    ends[i] = autoPad === 'VALID' ? 0 : pads[sizes.length + i]!
    const steps = (size + begins[i]! + ends[i]! - extent) / stride
    let count = (ceil ? Math.ceil(steps) : Math.floor(steps)) + 1
    // A window must begin inside the input or the padding before it.
    if (ceil && (count - 1) * stride >= size + begins[i]!) count -= 1
    ends[i] = Math.max(ends[i]!, (count - 1) * stride + extent - size - begins[i]!)
    return count
  })
  return { kernel, strides, dilations, begins, ends, output }
}

/** The window of ConvTranspose; `output` is what it grows to, `begins` and `ends` are cut off. */
export function transposedWindowOf(
  node: NodeProto,
  sizes: readonly number[],
  kernel: readonly number[],
): Window {
  const strides = intsOf(node, 'strides', fill(sizes, 1))
  const dilations = intsOf(node, 'dilations', fill(sizes, 1))
  const extra = intsOf(node, 'output_padding', fill(sizes, 0))
  const pads = intsOf(node, 'pads', [...fill(sizes, 0), ...fill(sizes, 0)])
  const autoPad = stringOf(node, 'auto_pad', 'NOTSET')
  const wanted = intsOf(node, 'output_shape', []).slice(-sizes.length)
  const begins: number[] = []
  const ends: number[] = []
  const output = sizes.map((size, i) => {
    const full = strides[i]! * (size - 1) + extra[i]! + extentOf(kernel[i]!, dilations[i]!)
    if (wanted.length === 0 && !autoPad.startsWith('SAME')) {
      begins[i] = autoPad === 'VALID' ? 0 : pads[i]!
      ends[i] = autoPad === 'VALID' ? 0 : pads[sizes.length + i]!
      return full - begins[i]! - ends[i]!
    }
    const out = wanted[i] ?? size * strides[i]!
    const total = Math.max(full - out, 0)
    begins[i] = autoPad === 'SAME_UPPER' ? Math.floor(total / 2) : Math.ceil(total / 2)
    ends[i] = total - begins[i]!
    return out
  })
  return { kernel, strides, dilations, begins, ends, output }
}

/** How far a dilated kernel reaches. */
export const extentOf = (kernel: number, dilation: number): number => (kernel - 1) * dilation + 1

const fill = (like: readonly number[], value: number): number[] => like.map(() => value)
