import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { settings } from '../../test/builders/training.ts'
import { readModel } from '../onnx/model.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { appendClassifier, featuresOf, LOGITS } from './append-classifier.ts'
import { createTrainingStep } from './create-training-step.ts'
import { softmaxCrossEntropy } from './losses.ts'
import { adam } from './optimisers/adam.ts'
import { createRandom } from './random.ts'

test('names that do not exist are errors that say what there is', async () => {
  await assert.rejects(
    createTrainingStep(settings({ output: 'scores2' })),
    /no value named "scores2"; it has: .*scores/,
  )
  await assert.rejects(
    createTrainingStep(settings({ trainable: ['w'] })),
    /no parameter named "w"; it has: first\.weight/,
  )
})

for (const name of ['dog', 'face']) {
  test(`the default ${name} model takes a new head and learns, frozen and not`, async (t) => {
    const path = new URL(`../../models/${name}/model.onnx`, import.meta.url)
    if (!existsSync(path)) return t.skip('model not present')
    const source = readModel(readFileSync(path))
    const features = featuresOf(source)!
    const random = createRandom(1)
    const model = appendClassifier(source, {
      at: features,
      classes: 3,
      hidden: 8,
      dropout: 0.1,
      random,
    })
    for (const trainable of [[/^head\./], undefined]) {
      const options = {
        model,
        output: LOGITS,
        batch: 2,
        loss: softmaxCrossEntropy(),
        optimiser: adam(),
      }
      const training = await createTrainingStep(
        trainable === undefined ? options : { ...options, trainable },
      )
      const x = training.inputs.find(
        ({ name: port }) => port !== 'labels' && port !== 'row_weights',
      )!
      const dims = x.shape.map((dim) => dim ?? 1)
      const length = dims.reduce((all, dim) => all * dim, 1)
      const data = x.type === 'uint8' ? new Uint8Array(length) : new Float32Array(length)
      data.forEach((_, i) => {
        data[i] = (i * 37) % 251
      })
      const labels: Tensor = { type: 'int64', dims: [2], data: BigInt64Array.of(0n, 2n) }
      const feeds = { [x.name]: { type: x.type, dims, data }, labels }
      const losses: number[] = []
      for (let i = 0; i < (trainable === undefined ? 1 : 3); i++) {
        losses.push((await training.step(feeds, { learningRate: 1e-3 })).loss)
      }
      assert.ok(losses.every(Number.isFinite), String(losses))
      t.diagnostic(`${Object.keys(training.parameters()).length} weights, losses ${losses}`)
      await training.release()
    }
  })
}
