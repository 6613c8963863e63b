// Pillow's coefficients in the form that the kernels take: two taps at a time, each weight split into two 16-bit parts.
import type { Coefficients } from './pillow-coefficients.ts'

export interface CoefficientPairs {
  /** First source pixel of each output pixel. */
  readonly first: Int32Array
  /** Number of pairs of source pixels of each output pixel. */
  readonly pairs: Int32Array
  /** Pair after pair: two high parts, two low parts; weight = high × 2^11 + low. */
  readonly weights: Int16Array
  /** First source pixel of all, and the one after the last. */
  readonly top: number
  readonly bottom: number
}

/** Taps two by two, from a source pixel whose number `multiple` divides; weight 0 fills up. */
export function toPairs(
  { first, count, weights, taps }: Coefficients,
  multiple: number,
): CoefficientPairs {
  const size = first.length
  const starts = new Int32Array(size)
  const pairs = new Int32Array(size)
  const split = new Int16Array(size * (taps + multiple) * 2)
  let at = 0
  for (let i = 0; i < size; i++) {
    const lead = first[i]! % multiple
    starts[i] = first[i]! - lead
    pairs[i] = Math.ceil((lead + count[i]!) / 2)
    for (let k = 0; k < count[i]!; k++) {
      const weight = weights[i * taps + k]!
      const position = at + ((lead + k) >> 1) * 4 + ((lead + k) & 1)
      const high = (weight + 1024) >> 11
      split[position] = high
      split[position + 2] = weight - high * 2048
    }
    at += pairs[i]! * 4
  }
  const top = first.reduce((least, start) => Math.min(least, start))
  const bottom = first.reduce((most, start, i) => Math.max(most, start + count[i]!), 0)
  return { first: starts, pairs, weights: split.subarray(0, at), top, bottom }
}
