// The network of the Python service: three blocks of convolution, normalisation, pooling and dropout, a head of 128;
// an epoch of 400 spectrograms of 128 × 256 in batches of 32.
import { availableParallelism } from 'node:os'
import { createGraph } from '../../src/onnx/graph.ts'
import type { ModelProto } from '../../src/onnx/proto.ts'
import type { Tensor } from '../../src/tensor/tensor.ts'
import { createTrainingStep } from '../../src/train/create-training-step.ts'
import { batchNormalization, convolution, dense, dropout } from '../../src/train/layers/layers.ts'
import { softmaxCrossEntropy } from '../../src/train/losses.ts'
import { adam } from '../../src/train/optimisers/adam.ts'
import { createRandom } from '../../src/train/random.ts'
import { repeat } from './repeat.ts'

const [CLIPS, BATCH, CLASSES, MELS, FRAMES] = [400, 32, 3, 128, 256]

const random = createRandom(1)
const clips = Float32Array.from({ length: CLIPS * MELS * FRAMES }, () => random() * 2 - 1)
const step = await createTrainingStep({
  model: createNetwork(),
  output: 'logits',
  batch: BATCH,
  loss: softmaxCrossEntropy(),
  optimiser: adam(),
  threads: availableParallelism(),
})

await repeat(epoch, epoch)

async function epoch(): Promise<void> {
  const size = MELS * FRAMES
  for (let start = 0; start < CLIPS; start += BATCH) {
    const rows = Math.min(BATCH, CLIPS - start)
    const data = new Float32Array(BATCH * size)
    data.set(clips.subarray(start * size, (start + rows) * size))
    const labels = BigInt64Array.from({ length: BATCH }, (_, i) => BigInt((start + i) % CLASSES))
    const weights = new Float32Array(BATCH).fill(1, 0, rows)
    const tensor = (value: Tensor['data'], type: Tensor['type'], dims: number[]): Tensor => ({
      type,
      dims,
      data: value,
    })
    await step.step(
      {
        x: tensor(data, 'float32', [BATCH, 1, MELS, FRAMES]),
        labels: tensor(labels, 'int64', [BATCH]),
        row_weights: tensor(weights, 'float32', [BATCH]),
      },
      { learningRate: 1e-3 },
    )
  }
}

function createNetwork(): ModelProto {
  const graph = createGraph('cough')
  let value = graph.input('x', 'float32', ['N', 1, MELS, FRAMES])
  let inputs = 1
  for (const filters of [32, 64, 128]) {
    const name = `conv${filters}`
    const same = { kernel: [3, 3], bias: true, random }
    value = graph.node('Relu', [convolution(graph, value, { name, inputs, filters, ...same })])
    value = batchNormalization(graph, value, { name: `normal${filters}`, channels: filters })
    value = graph.node('MaxPool', [value], { kernel_shape: [2, 2], strides: [2, 2] })
    value = dropout(graph, value, 0.25)
    inputs = filters
  }
  const flat = graph.node('Flatten', [value])
  const width = (inputs * MELS * FRAMES) / 64
  const hidden = dense(graph, flat, { name: 'hidden', inputs: width, units: 128, random })
  const kept = dropout(graph, graph.node('Relu', [hidden]), 0.5)
  const logits = dense(graph, kept, { name: 'classes', inputs: 128, units: CLASSES, random })
  graph.output(logits, 'logits', 'float32', ['N', CLASSES])
  return graph.build()
}
