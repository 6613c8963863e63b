// What PyTorch computed, by scripts/reference/training/make.py.

import { readFileSync } from 'node:fs'

export interface PytorchFixture {
  readonly losses: {
    readonly logits: number[]
    readonly labels: number[]
    readonly classWeights: number[]
    readonly targets: number[]
    readonly probabilities: number[]
    readonly cases: Record<string, { loss: number; gradient: number[] }>
  }
  readonly optimisers: {
    readonly start: number[]
    readonly trajectories: Record<string, number[][]>
    readonly clipped: { limit: number; norm: number; gradient: number[] }[]
  }
  readonly network: {
    readonly x: number[]
    readonly labels: number[]
    readonly shapes: Record<string, number[]>
    readonly start: Record<string, number[]>
    readonly end: Record<string, number[]>
    readonly losses: number[]
    readonly mean: number[]
  }
  readonly schedules: {
    readonly cosine: number[]
    readonly stepDecay: number[]
    readonly plateau: { values: number[]; rates: number[] }
  }
}

export const fixture = JSON.parse(
  readFileSync(new URL('../../src/train/fixtures/pytorch-training.json', import.meta.url), 'utf8'),
) as PytorchFixture

/** The gradient that the fixture's trajectories were made with. */
export function gradientOf(parameter: Float32Array, step: number): Float32Array {
  return parameter.map((value, i) => value - 0.25 * i + 0.5 * Math.sin(i + step))
}
