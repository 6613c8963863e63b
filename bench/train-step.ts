// What a training step costs against a forward pass: of the same network with its weights fed, as a step feeds them, and as
// it is served, with weights that onnxruntime may rearrange. Run: node bench/train-step.ts [threads]

import { loadSession } from '../src/engine/runtime.ts'
import { createGraph } from '../src/onnx/graph.ts'
import { writeModel } from '../src/onnx/model.ts'
import type { ModelProto } from '../src/onnx/proto.ts'
import type { Tensor, Tensors } from '../src/tensor/tensor.ts'
import { createTrainingStep } from '../src/train/create-training-step.ts'
import { batchNormalization, convolution, dense } from '../src/train/layers/layers.ts'
import { lstm } from '../src/train/layers/recurrent.ts'
import { meanSquaredError, softmaxCrossEntropy } from '../src/train/losses.ts'
import { adam } from '../src/train/optimisers/adam.ts'
import { createRandom } from '../src/train/random.ts'

const [WARM_UPS, ROUNDS] = [3, 25]
const threads = Number(process.argv[2] ?? 1)
const random = createRandom(1)

await measure('head 2048-512-120, batch 32', createHead(), 32, 120)
await measure('conv net 32-64-128 on 64 × 64, batch 16', createConvNet(), 16, 10)
await measure('autoencoder 24-16-8-16-24, batch 32', createAutoencoder(), 32, null)
await measure('LSTM of 16 units over 30 steps, batch 32', createRecurrent(), 32, null)

function createHead(): ModelProto {
  const graph = createGraph('head')
  const x = graph.input('x', 'float32', ['N', 2048])
  const hidden = dense(graph, x, { name: 'hidden', inputs: 2048, units: 512, random })
  const layer = { name: 'classes', inputs: 512, units: 120, random }
  const scores = dense(graph, graph.node('Relu', [hidden]), layer)
  graph.output(scores, 'y', 'float32', ['N', 120])
  return graph.build()
}

function createConvNet(): ModelProto {
  const graph = createGraph('conv')
  let value = graph.input('x', 'float32', ['N', 1, 64, 64])
  let inputs = 1
  for (const filters of [32, 64, 128]) {
    const name = `conv${filters}`
    value = convolution(graph, value, {
      name,
      inputs,
      filters,
      kernel: [3, 3],
      bias: false,
      random,
    })
    value = batchNormalization(graph, value, { name: `normal${filters}`, channels: filters })
    value = graph.node('MaxPool', [graph.node('Relu', [value])], {
      kernel_shape: [2, 2],
      strides: [2, 2],
    })
    inputs = filters
  }
  const flat = graph.node('Flatten', [graph.node('GlobalAveragePool', [value])])
  const scores = dense(graph, flat, { name: 'classes', inputs, units: 10, random })
  graph.output(scores, 'y', 'float32', ['N', 10])
  return graph.build()
}

function createAutoencoder(): ModelProto {
  const graph = createGraph('autoencoder')
  let value = graph.input('x', 'float32', ['N', 24])
  let inputs = 24
  for (const units of [16, 8, 16, 24]) {
    const name = `layer${inputs}-${units}`
    value = dense(graph, value, { name, inputs, units, random })
    if (units !== 24) value = graph.node('Relu', [value])
    inputs = units
  }
  graph.output(value, 'y', 'float32', ['N', 24])
  return graph.build()
}

function createRecurrent(): ModelProto {
  const graph = createGraph('recurrent')
  const x = graph.input('x', 'float32', ['N', 30, 4])
  const states = lstm(graph, x, { name: 'lstm', inputs: 4, units: 16, steps: 30, random })
  const y = dense(graph, states.at(-1)!, { name: 'out', inputs: 16, units: 4, random })
  graph.output(y, 'y', 'float32', ['N', 4])
  return graph.build()
}

async function measure(
  name: string,
  model: ModelProto,
  batch: number,
  classes: number | null,
): Promise<void> {
  const options = {
    model,
    batch,
    loss: classes === null ? meanSquaredError() : softmaxCrossEntropy(),
    optimiser: adam(),
    threads,
  }
  const training = await createTrainingStep(options)
  const feeds = Object.fromEntries(
    training.inputs
      .filter(({ name: port }) => port !== 'row_weights')
      .map(({ name: port, type, shape }) => [port, fill(type, shape.map(Number), classes ?? 1)]),
  )
  const step = await best(() => training.step(feeds, { learningRate: 1e-3 }))
  const forward = await best(() => training.evaluate(feeds))
  await training.release()
  const served = await measureServed(model, feeds)
  const rows = ((1000 * batch) / step).toFixed(0)
  console.log(
    `${name}: step ${step.toFixed(2)} ms (${rows} rows/s), forward with fed weights ${forward.toFixed(2)} ms ` +
      `(${(step / forward).toFixed(1)} ×), as served ${served.toFixed(2)} ms (${(step / served).toFixed(1)} ×)`,
  )
}

async function measureServed(model: ModelProto, feeds: Tensors): Promise<number> {
  const session = await loadSession(writeModel(model), { threads })
  const x = feeds.x!
  const time = await best(() => session.run({ x }))
  await session.release()
  return time
}

/** The quickest of many: what others do on the machine only adds. */
async function best(run: () => Promise<unknown>): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < WARM_UPS + ROUNDS; i++) {
    const start = performance.now()
    await run()
    if (i >= WARM_UPS) times.push(performance.now() - start)
  }
  return Math.min(...times)
}

function fill(type: string, dims: readonly number[], classes: number): Tensor {
  const length = dims.reduce((all, dim) => all * dim, 1)
  if (type === 'int64') {
    const data = BigInt64Array.from({ length }, () => BigInt(Math.floor(random() * classes)))
    return { type: 'int64', dims, data }
  }
  return { type: 'float32', dims, data: Float32Array.from({ length }, () => random() - 0.5) }
}
