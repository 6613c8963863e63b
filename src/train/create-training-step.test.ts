import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  close,
  createPictures,
  floats,
  onlyDense,
  ROWS,
  settings,
} from '../../test/builders/training.ts'
import { loadSession } from '../engine/runtime.ts'
import { createGraph } from '../onnx/graph.ts'
import { writeModel } from '../onnx/model.ts'
import type { ModelProto } from '../onnx/proto.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { createTrainingStep } from './create-training-step.ts'
import { dense } from './layers/layers.ts'
import { lstm } from './layers/recurrent.ts'
import { meanSquaredError } from './losses.ts'
import { adam } from './optimisers/adam.ts'
import { sgd } from './optimisers/sgd.ts'
import { createRandom } from './random.ts'

test('a small convolutional network learns, and the model that serves answers as evaluated', async () => {
  const training = await createTrainingStep(settings())
  const held = createPictures(1000)
  const before = await training.evaluate(held)
  for (let i = 0; i < 80; i++) await training.step(createPictures(i), { learningRate: 5e-3 })
  const after = await training.evaluate(held)
  assert.ok(after.loss < before.loss / 3, `${before.loss} → ${after.loss}`)
  assert.ok(accuracy(after.outputs.logits!, held.labels!) > 0.9)
  const moved = training.parameters()['normal.mean']!.data
  assert.ok(
    moved.some((value) => Number(value) !== 0),
    'running statistics moved',
  )
  const session = await loadSession(writeModel(training.toInferenceModel()))
  const { logits } = await session.run({ x: held.x! })
  close(logits!.data, after.outputs.logits!.data, 1e-5)
  await session.release()
  await training.release()
})

test('a perceptron learns a curve, and a recurrent one a sum', async () => {
  const random = createRandom(5)
  const graph = createGraph('perceptron')
  const x = graph.input('x', 'float32', ['N', 2])
  const hidden = dense(graph, x, { name: 'hidden', inputs: 2, units: 16, random })
  const y = dense(graph, graph.node('Tanh', [hidden]), {
    name: 'last',
    inputs: 16,
    units: 1,
    random,
  })
  graph.output(y, 'y', 'float32', ['N', 1])
  const curve = Float32Array.from({ length: 2 * ROWS }, () => 2 * random() - 1)
  const products = Float32Array.from({ length: ROWS }, (_, i) => curve[2 * i]! * curve[2 * i + 1]!)
  const last = await learn(
    graph.build(),
    floats([ROWS, 2], curve),
    floats([ROWS, 1], products),
    400,
  )
  assert.ok(last < 2e-3, `loss ${last}`)

  const unrolled = createGraph('recurrent')
  const sequence = unrolled.input('x', 'float32', ['N', 5, 1])
  const states = lstm(unrolled, sequence, { name: 'lstm', inputs: 1, units: 8, steps: 5, random })
  const sum = dense(unrolled, states.at(-1)!, { name: 'sum', inputs: 8, units: 1, random })
  unrolled.output(sum, 'y', 'float32', ['N', 1])
  const values = Float32Array.from({ length: 5 * ROWS }, () => random() - 0.5)
  const sums = Float32Array.from({ length: ROWS }, (_, i) =>
    values.subarray(5 * i, 5 * i + 5).reduce((a, b) => a + b, 0),
  )
  const end = await learn(
    unrolled.build(),
    floats([ROWS, 5, 1], values),
    floats([ROWS, 1], sums),
    200,
  )
  assert.ok(end < 5e-3, `loss ${end}`)
})

test('rows of weight 0 do not count', async () => {
  const model = onlyDense()
  const batch = await createTrainingStep(settings({ model }))
  const half = await createTrainingStep(settings({ model, batch: ROWS / 2 }))
  const pictures = createPictures(1)
  const weights = floats(
    [ROWS],
    Float32Array.from({ length: ROWS }, (_, i) => (i < ROWS / 2 ? 1 : 0)),
  )
  const few = {
    x: floats([ROWS / 2, 1, 8, 8], pictures.x!.data.slice(0, ROWS * 32) as Float32Array),
    labels: {
      ...pictures.labels!,
      dims: [ROWS / 2],
      data: pictures.labels!.data.slice(0, ROWS / 2),
    },
  }
  const rate = { learningRate: 1e-2 }
  const filled = await batch.step({ ...pictures, row_weights: weights }, rate)
  const small = await half.step(few, rate)
  assert.ok(Math.abs(filled.loss - small.loss) < 1e-6)
  for (const [name, { data }] of Object.entries(batch.parameters())) {
    close(data, half.parameters()[name]!.data, 1e-5)
  }
  await batch.release()
  await half.release()
})

test('frozen weights stay, and a loss that is not finite changes nothing', async () => {
  const training = await createTrainingStep(settings({ trainable: [/^scores/] }))
  assert.deepEqual(Object.keys(training.parameters()), ['scores.weight', 'scores.bias'])
  const before = training.parameters()
  const pictures = createPictures(1)
  const broken = pictures.x!.data.slice().fill(Number.NaN as never)
  const { loss } = await training.step(
    { ...pictures, x: { ...pictures.x!, data: broken } },
    { learningRate: 1 },
  )
  assert.ok(Number.isNaN(loss))
  assert.deepEqual(training.parameters(), before)
  await training.release()
})

test('clipping bounds what a step changes', async () => {
  for (const [clip, limit] of [
    [{ globalNorm: 0.01 }, 0.01],
    [{ value: 1e-4 }, 1e-4 * Math.sqrt(260)],
  ] as const) {
    const options = settings({ model: onlyDense(), optimiser: sgd(), clip })
    const training = await createTrainingStep(options)
    const before = training.parameters()
    await training.step(createPictures(1), { learningRate: 1 })
    let squares = 0
    for (const [name, { data }] of Object.entries(training.parameters())) {
      for (const [i, value] of data.entries()) {
        squares += (Number(value) - Number(before[name]!.data[i])) ** 2
      }
    }
    assert.ok(Math.sqrt(squares) <= limit * 1.001, `${Math.sqrt(squares)} of ${limit}`)
    assert.ok(Math.sqrt(squares) > limit / 10)
    await training.release()
  }
})

const accuracy = (logits: Tensor, labels: Tensor): number => {
  const [rows, classes] = logits.dims as [number, number]
  let right = 0
  for (let row = 0; row < rows; row++) {
    const scores = Array.from(logits.data.subarray(row * classes, (row + 1) * classes), Number)
    if (scores.indexOf(Math.max(...scores)) === Number(labels.data[row])) right += 1
  }
  return right / rows
}

async function learn(
  model: ModelProto,
  x: Tensor,
  targets: Tensor,
  steps: number,
): Promise<number> {
  const options = { model, batch: ROWS, loss: meanSquaredError(), optimiser: adam() }
  const training = await createTrainingStep(options)
  let last = Number.NaN
  for (let i = 0; i < steps; i++) {
    last = (await training.step({ x, targets }, { learningRate: 2e-2 })).loss
  }
  await training.release()
  return last
}
