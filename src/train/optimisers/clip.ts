// Gradient clipping, in place.

import type { Arrays } from './optimiser.ts'

/** √ of the sum of all squares. */
export function globalNorm(gradients: Arrays): number {
  let sum = 0
  for (const gradient of Object.values(gradients)) {
    for (let i = 0; i < gradient.length; i++) sum += gradient[i]! * gradient[i]!
  }
  return Math.sqrt(sum)
}

/**
 * Scales all gradients so that their common norm is at most `limit`, as PyTorch's `clip_grad_norm_`.
 *
 * @returns the norm before
 */
export function clipByGlobalNorm(gradients: Arrays, limit: number): number {
  const norm = globalNorm(gradients)
  const factor = limit / (norm + 1e-6)
  if (factor >= 1) return norm
  for (const gradient of Object.values(gradients)) {
    for (let i = 0; i < gradient.length; i++) gradient[i]! *= factor
  }
  return norm
}

/** Brings every element into −limit..limit. */
export function clipByValue(gradients: Arrays, limit: number): void {
  for (const gradient of Object.values(gradients)) {
    for (let i = 0; i < gradient.length; i++) {
      gradient[i] = Math.min(Math.max(gradient[i]!, -limit), limit)
    }
  }
}
