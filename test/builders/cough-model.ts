// A seeded, untrained network of the size and shape of a cough model, so that all around the model can be tested.
// It is never shipped; its answers mean nothing.
import { createGraph } from '../../src/onnx/graph.ts'
import { writeModel } from '../../src/onnx/model.ts'
import type { Tensor } from '../../src/tensor/tensor.ts'
import type { Candidate } from '../../src/train/task.ts'

const LABELS = ['dry', 'non-cough', 'wet']

/** Three convolutions with pooling, the mean over the picture, three classes: [N,128,256,1] → [N,3]. */
export function buildCoughModel(seed = 7): Candidate {
  const random = createRandom(seed)
  const graph = createGraph('cough-test')
  const input = graph.input('input', 'float32', ['N', 128, 256, 1])
  let value = graph.node('Transpose', [input], { perm: [0, 3, 1, 2] })
  let channels = 1
  for (const [index, width] of [16, 32, 64].entries()) {
    const weight = normal(random, [width, channels, 3, 3], Math.sqrt(2 / (channels * 9)))
    const kernel = graph.initializer(`conv${index}.weight`, weight)
    const convolved = graph.node('Conv', [value, kernel], {
      kernel_shape: [3, 3],
      pads: [1, 1, 1, 1],
    })
    value = graph.node('MaxPool', [graph.node('Relu', [convolved])], {
      kernel_shape: [2, 2],
      strides: [2, 2],
    })
    channels = width
  }
  const pooled = graph.node('Flatten', [graph.node('GlobalAveragePool', [value])])
  const head = graph.initializer('head.weight', normal(random, [channels, 3], 1))
  const logits = graph.node('MatMul', [pooled, head])
  const probabilities = graph.node('Softmax', [logits], { axis: 1 })
  graph.output(probabilities, 'probabilities', 'float32', ['N', 3])
  return {
    manifest: {
      inputs: [{ name: 'input', type: 'float32', shape: [null, 128, 256, 1] }],
      outputs: [{ name: 'probabilities', type: 'float32', shape: [null, 3] }],
      maxBatch: 16,
      labels: LABELS,
      decode: {
        sampleRate: 22_050,
        maxSeconds: 10,
        nFft: 2048,
        hop: 512,
        mels: 128,
        frames: 256,
        standardise: true,
        layout: 'NHWC',
      },
      answer: {},
      golden: null,
      metrics: {},
      origin: { source: 'test', seed },
    },
    files: { model: { name: 'model.onnx', content: writeModel(graph.build()) } },
    card: '# Test model\n\nUntrained; for tests only.\n',
  }
}

/** Mulberry32: 32 bits of state, enough for weights that only need to be the same each time. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Normally distributed values (Box-Muller). */
export function normal(random: () => number, dims: readonly number[], deviation: number): Tensor {
  const size = dims.reduce((product, dimension) => product * dimension, 1)
  const data = Float32Array.from({ length: size }, () => {
    const radius = Math.sqrt(-2 * Math.log(1 - random()))
    return deviation * radius * Math.cos(2 * Math.PI * random())
  })
  return { type: 'float32', dims, data }
}
