// Models of realistic size with seeded weights, for measurements of speed and memory. Their answers mean nothing.
import { defineService, type ServiceDefinition } from '../../src/engine/service.ts'
import { createGraph } from '../../src/onnx/graph.ts'
import { writeModel } from '../../src/onnx/model.ts'
import type { Tensor } from '../../src/tensor/tensor.ts'
import { createNoise } from '../signal.ts'

/** Six convolutions, the mean over the picture, a dense layer: x [N,3,224,224] → y [N,1000]; 29 MB of weights. */
export function buildConvModel(): Uint8Array {
  const noise = createNoise(7)
  const graph = createGraph('conv')
  let value = graph.input('x', 'float32', ['N', 3, 224, 224])
  let channels = 3
  for (const [i, width] of [32, 64, 128, 256, 512, 1024].entries()) {
    const weight = graph.initializer(`w${i}`, random(noise, [width, channels, 3, 3], 0.05))
    const stride = i < 5 ? 2 : 1
    const convolved = graph.node('Conv', [value, weight], {
      strides: [stride, stride],
      pads: [1, 1, 1, 1],
    })
    value = graph.node('Relu', [convolved])
    channels = width
  }
  const pooled = graph.node('Flatten', [graph.node('GlobalAveragePool', [value])])
  const head = graph.initializer('head', random(noise, [channels, 1000], 0.1))
  graph.output(graph.node('MatMul', [pooled, head]), 'y', 'float32', ['N', 1000])
  return writeModel(graph.build())
}

/** The size of a vibration autoencoder: x [N,24] → 16 → 8 → 16 → y [N,24]. */
export function buildMlpModel(): Uint8Array {
  const noise = createNoise(7)
  const graph = createGraph('mlp')
  let value = graph.input('x', 'float32', ['N', 24])
  let width = 24
  for (const [i, next] of [16, 8, 16, 24].entries()) {
    const weight = graph.initializer(`w${i}`, random(noise, [width, next], 0.3))
    value = graph.node('MatMul', [value, weight])
    if (i < 3) value = graph.node('Relu', [value])
    width = next
  }
  graph.output(value, 'y', 'float32', ['N', 24])
  return writeModel(graph.build())
}

/** A service over the noise decoder, for {@link buildConvModel}; its answers are null. */
export function createNoiseService(): ServiceDefinition<{ readonly seed: number }, null> {
  return defineService({
    name: 'conv',
    title: 'conv',
    port: 1,
    input: 'json',
    execution: 'lane',
    decoder: new URL('./noise-decoder.ts', import.meta.url),
    answer: () => null,
    label: () => null,
    confidence: () => null,
    fromArgument: (argument) => ({ seed: Number(argument) }),
  })
}

function random(noise: () => number, dims: readonly number[], scale: number): Tensor {
  const length = dims.reduce((a, b) => a * b, 1)
  return { type: 'float32', dims, data: Float32Array.from({ length }, () => noise() * scale) }
}
