// How the vibration model is trained where nothing else is asked for. Chosen on validation stretches alone.

import type { Architecture } from './network.ts'

export const VIBRATION_RECIPE = {
  architecture: 'dense' as Architecture,
  /** Points a window; the service's. */
  window: 24,
  /** Points of a stretch of time that is kept on one side of the split: ten windows. */
  block: 240,
  /** Of the stretches of each state; of what is then left, the part that stops the training and gives the threshold. */
  test: 0.2,
  validation: 0.25,
  /** Units of the hidden layers of the dense network, tanh each. */
  hidden: [32, 4, 32],
  batch: 32,
  learningRate: 3e-3,
  epochs: 200,
  patience: 20,
  /**
   * Of errors on the validation rows; what is above is an anomaly. With some 400 rows the 99th percentile is known only to
   * ± 0.6 points and would often give 2 % false alarms on new rows.
   */
  quantile: 0.995,
} as const

export type VibrationRecipe = {
  readonly [Name in keyof typeof VIBRATION_RECIPE]: Name extends 'architecture'
    ? Architecture
    : (typeof VIBRATION_RECIPE)[Name] extends number
      ? number
      : readonly number[]
}
