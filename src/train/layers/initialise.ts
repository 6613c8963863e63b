// First values of weights, from a seeded generator.

import type { Tensor } from '../../tensor/tensor.ts'
import type { Random } from '../random.ts'

/** Uniform in ±√(6 / (fan in + fan out)) (Glorot and Bengio 2010); Keras' default. */
export function glorotUniform(
  dims: readonly number[],
  random: Random,
  fans: { readonly fanIn: number; readonly fanOut: number },
): Tensor {
  return uniform(dims, random, Math.sqrt(6 / (fans.fanIn + fans.fanOut)))
}

/** Uniform in ±√(6 / fan in), for layers before a Relu (He et al. 2015). */
export function heUniform(dims: readonly number[], random: Random, fanIn: number): Tensor {
  return uniform(dims, random, Math.sqrt(6 / fanIn))
}

export function uniform(dims: readonly number[], random: Random, limit: number): Tensor {
  const length = dims.reduce((all, dim) => all * dim, 1)
  const data = Float32Array.from({ length }, () => (2 * random() - 1) * limit)
  return { type: 'float32', dims, data }
}

export function filled(length: number, value: number): Tensor {
  return { type: 'float32', dims: [length], data: new Float32Array(length).fill(value) }
}
