// The dense autoencoder of the Python service: 24-64-16-64-24, 50 epochs of 2,000 windows, Adam, mean absolute error.
import { createGraph } from '../../src/onnx/graph.ts'
import type { ModelProto } from '../../src/onnx/proto.ts'
import { createTrainingStep } from '../../src/train/create-training-step.ts'
import { dense } from '../../src/train/layers/layers.ts'
import { meanAbsoluteError } from '../../src/train/losses.ts'
import { adam } from '../../src/train/optimisers/adam.ts'
import { createRandom, type Random, shuffled } from '../../src/train/random.ts'
import { constant } from '../../src/train/schedules.ts'
import { trainModel } from '../../src/train/trainer.ts'
import { rowBatches } from '../../src/train/vibration/row-batches.ts'
import { repeat } from './repeat.ts'

const [WINDOWS, WIDTH, EPOCHS, BATCH] = [2000, 24, 50, 32]

const random = createRandom(1)
const rows = Array.from({ length: WINDOWS }, () =>
  Float32Array.from({ length: WIDTH }, () => random() - 0.5),
)

await repeat(async () => {
  const step = await createTrainingStep({
    model: createAutoencoder(),
    batch: BATCH,
    loss: meanAbsoluteError(),
    optimiser: adam(),
    // Its matrices are too small to share.
    threads: 1,
  })
  const order = [...rows.keys()]
  await trainModel({
    step,
    batches: (_epoch: number, draw: Random) => rowBatches(rows, shuffled(order, draw), BATCH),
    epochs: EPOCHS,
    schedule: constant(1e-3),
    seed: 1,
  })
  await step.release()
})

function createAutoencoder(): ModelProto {
  const graph = createGraph('autoencoder')
  let value = graph.input('x', 'float32', ['N', WIDTH])
  let inputs = WIDTH
  for (const units of [64, 16, 64]) {
    const name = `hidden${inputs}-${units}`
    value = graph.node('Relu', [dense(graph, value, { name, inputs, units, random })])
    inputs = units
  }
  value = dense(graph, value, { name: 'rebuilt', inputs, units: WIDTH, random })
  graph.output(value, 'y', 'float32', ['N', WIDTH])
  return graph.build()
}
