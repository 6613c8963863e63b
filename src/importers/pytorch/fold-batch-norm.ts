// Folds a batch normalisation at inference into the convolution before it: y = (Wx − mean) · s +
// bias with s = scale / √(variance + ε) is one convolution with weights W·s and bias − mean·s.
// Computed in float64.
import type { Tensor } from '../../tensor/tensor.ts'

export interface BatchNorm {
  readonly scale: Tensor
  readonly bias: Tensor
  readonly mean: Tensor
  readonly variance: Tensor
  readonly epsilon: number
}

/** `weight` is float32 with the output channels first; the convolution has no bias of its own. */
export function foldBatchNorm(weight: Tensor, norm: BatchNorm): { weight: Tensor; bias: Tensor } {
  const channels = weight.dims[0]!
  const size = weight.data.length / channels
  const folded = new Float32Array(weight.data.length)
  const bias = new Float32Array(channels)
  for (let channel = 0; channel < channels; channel += 1) {
    const deviation = Math.sqrt(Number(norm.variance.data[channel]) + norm.epsilon)
    const factor = Number(norm.scale.data[channel]) / deviation
    bias[channel] = Number(norm.bias.data[channel]) - Number(norm.mean.data[channel]) * factor
    for (let index = channel * size; index < (channel + 1) * size; index += 1) {
      folded[index] = Number(weight.data[index]) * factor
    }
  }
  return {
    weight: { type: 'float32', dims: weight.dims, data: folded },
    bias: { type: 'float32', dims: [channels], data: bias },
  }
}
