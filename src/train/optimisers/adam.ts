// Adam (Kingma and Ba 2015) and AdamW (Loshchilov and Hutter 2019), as PyTorch's.

import { type Optimiser, zerosLike } from './optimiser.ts'

export interface AdamOptions {
  readonly beta1?: number
  readonly beta2?: number
  /** Added to the root of the second moment, after its bias is corrected. */
  readonly epsilon?: number
}

export interface AdamWOptions extends AdamOptions {
  /** Part of each parameter taken away an update, times the learning rate. */
  readonly weightDecay?: number
  /** Whether a parameter decays; all of them by default. */
  readonly decays?: (name: string) => boolean
}

export function adam(options: AdamOptions = {}): Optimiser {
  return adamW({ ...options, weightDecay: 0 })
}

export function adamW(options: AdamWOptions = {}): Optimiser {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options
  const { weightDecay = 0.01, decays = () => true } = options
  return {
    init: (parameters) => ({
      count: 0,
      slots: { first: zerosLike(parameters), second: zerosLike(parameters) },
    }),
    update: (parameters, gradients, { count, slots }, { learningRate }) => {
      const { first, second } = slots
      const step = learningRate / (1 - beta1 ** (count + 1))
      const correction = 1 / Math.sqrt(1 - beta2 ** (count + 1))
      for (const [name, parameter] of Object.entries(parameters)) {
        const kept = decays(name) ? 1 - learningRate * weightDecay : 1
        const settings = { beta1, beta2, epsilon, step, correction, kept }
        descend(parameter, gradients[name]!, first![name]!, second![name]!, settings)
      }
      return { count: count + 1, slots }
    },
  }
}

interface Settings {
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number
  readonly step: number
  readonly correction: number
  readonly kept: number
}

function descend(
  parameter: Float32Array,
  gradient: Float32Array,
  first: Float32Array,
  second: Float32Array,
  { beta1, beta2, epsilon, step, correction, kept }: Settings,
): void {
  const rest1 = 1 - beta1
  const rest2 = 1 - beta2
  for (let i = 0; i < parameter.length; i++) {
    const slope = gradient[i]!
    const mean = beta1 * first[i]! + rest1 * slope
    const square = beta2 * second[i]! + rest2 * slope * slope
    first[i] = mean
    second[i] = square
    parameter[i] = parameter[i]! * kept - (step * mean) / (Math.sqrt(square) * correction + epsilon)
  }
}
