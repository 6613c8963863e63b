import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Tensor } from '../../tensor/tensor.ts'
import { foldBatchNorm } from './fold-batch-norm.ts'

const vector = (values: readonly number[]): Tensor => ({
  type: 'float32',
  dims: [values.length],
  data: Float32Array.from(values),
})

test('the folded convolution of one pixel equals convolution, then normalisation', () => {
  const value = fc.float({ min: -4, max: 4, noNaN: true })
  const positive = fc.float({ min: Math.fround(0.01), max: 4, noNaN: true })
  const row = (item: fc.Arbitrary<number>) => fc.array(item, { minLength: 2, maxLength: 2 })
  fc.assert(
    fc.property(
      fc.array(value, { minLength: 6, maxLength: 6 }),
      fc.array(value, { minLength: 3, maxLength: 3 }),
      row(value),
      row(value),
      row(value),
      row(positive),
      (weights, x, scale, bias, mean, variance) => {
        const weight: Tensor = {
          type: 'float32',
          dims: [2, 3, 1, 1],
          data: Float32Array.from(weights),
        }
        const norm = {
          scale: vector(scale),
          bias: vector(bias),
          mean: vector(mean),
          variance: vector(variance),
          epsilon: 1e-3,
        }
        const folded = foldBatchNorm(weight, norm)
        for (const channel of [0, 1]) {
          const dot = (data: Tensor['data']): number =>
            x.reduce((sum, item, index) => sum + item * Number(data[channel * 3 + index]), 0)
          const deviation = Math.sqrt(variance[channel]! + 1e-3)
          const expected =
            ((dot(weight.data) - mean[channel]!) / deviation) * scale[channel]! + bias[channel]!
          const actual = dot(folded.weight.data) + Number(folded.bias.data[channel])
          assert.ok(Math.abs(actual - expected) < 1e-3, `${actual} is not ${expected}`)
        }
      },
    ),
  )
})
