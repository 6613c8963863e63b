// Stochastic gradient descent, with momentum and Nesterov's look-ahead, as PyTorch's `SGD`.

import { type Optimiser, zerosLike } from './optimiser.ts'

export interface SgdOptions {
  /** 0 ≤ momentum < 1 */
  readonly momentum?: number
  readonly nesterov?: boolean
  /** Added to the gradient: weightDecay · parameter. */
  readonly weightDecay?: number
}

/** velocity = momentum · velocity + gradient; parameter −= learningRate · velocity. */
export function sgd(options: SgdOptions = {}): Optimiser {
  const { momentum = 0, nesterov = false, weightDecay = 0 } = options
  if (momentum === 0 && nesterov) throw new TypeError('Nesterov needs a momentum.')
  return {
    init: (parameters) => ({
      count: 0,
      slots: momentum === 0 ? {} : { velocity: zerosLike(parameters) },
    }),
    update: (parameters, gradients, state, { learningRate }) => {
      for (const [name, parameter] of Object.entries(parameters)) {
        const gradient = gradients[name]!
        if (momentum === 0) descend(parameter, gradient, learningRate, weightDecay)
        else {
          const velocity = state.slots.velocity![name]!
          const ahead = nesterov ? momentum : 0
          for (let i = 0; i < parameter.length; i++) {
            const slope = gradient[i]! + weightDecay * parameter[i]!
            const speed = momentum * velocity[i]! + slope
            velocity[i] = speed
            parameter[i]! -= learningRate * (nesterov ? slope + ahead * speed : speed)
          }
        }
      }
      return { ...state, count: state.count + 1 }
    },
  }
}

function descend(
  parameter: Float32Array,
  gradient: Float32Array,
  learningRate: number,
  weightDecay: number,
): void {
  for (let i = 0; i < parameter.length; i++) {
    parameter[i]! -= learningRate * (gradient[i]! + weightDecay * parameter[i]!)
  }
}
