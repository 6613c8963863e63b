// The training itself: repeatable, and a user's own classifier of another size and order.
import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { bundledFace } from '../../../test/builders/bundled-face.ts'
import { makeFaceFolder, makePersons } from '../../../test/builders/face-pictures.ts'
import type { VersionFiles } from '../../manifest.ts'
import { createGraph } from '../../onnx/graph.ts'
import { writeModel } from '../../onnx/model.ts'
import { convolution, dense } from '../../train/layers/layers.ts'
import { createRandom } from '../../train/random.ts'
import type { TrainContext, TrainResult } from '../../train/task.ts'
import { train } from './train.ts'

let folder = ''
let data = ''
let incumbent: VersionFiles

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'duga-face-train-'))
  data = join(folder, 'data')
  incumbent = await bundledFace()
  await makeFaceFolder(data, await makePersons(10), { takes: 2, side: [150, 200] })
})
after(() => rm(folder, { recursive: true }))

async function run(changes: Partial<TrainContext> = {}): Promise<TrainResult> {
  return await train({
    ...{ version: 'v1.0.1', incumbent, signal: new AbortController().signal },
    checkpoints: await mkdtemp(join(folder, 'job-')),
    parameters: { data, seed: 1, epochs: 2, batch_size: 8, views: 1 },
    progress: () => {},
    ...changes,
  })
}

test('the same seed gives the same version, features computed or kept', async () => {
  const cache = join(folder, 'cache')
  const [first, second] = [await run({ cache }), await run({ cache })]
  assert.deepEqual(second.candidate, first.candidate)
  assert.deepEqual(second.gate, first.gate)
})

test('a training without a version to start from says so', async () => {
  await assert.rejects(run({ incumbent: null }), { code: 'model.missing' })
})

test("a user's own classifier of whole pictures is tuned in its own size and order", async () => {
  const random = createRandom(3)
  const graph = createGraph('own')
  const x = graph.input('x', 'float32', ['N', 40, 48, 3])
  const planar = graph.node('Transpose', [x], { perm: [0, 3, 1, 2] })
  const layer = { filters: 8, kernel: [3, 3], strides: [2, 2], random }
  const first = convolution(graph, planar, { name: 'first', inputs: 3, ...layer })
  const second = graph.node('Relu', [first])
  const third = convolution(graph, second, { name: 'second', inputs: 8, ...layer })
  const pooled = graph.node('GlobalAveragePool', [graph.node('Relu', [third])])
  const flat = graph.node('Flatten', [pooled], { axis: 1 })
  const scores = dense(graph, flat, { name: 'scores', inputs: 8, units: 3, random })
  graph.output(graph.node('Softmax', [scores], { axis: -1 }), 'y', 'float32', ['N', 3])
  const model = join(folder, 'own.onnx')
  await writeFile(model, writeModel(graph.build()))
  const { manifest } = incumbent
  const own: VersionFiles = {
    manifest: {
      ...manifest,
      files: { model: manifest.files.model! },
      inputs: [{ name: 'x', type: 'float32', shape: [null, 40, 48, 3] }],
      outputs: [{ name: 'y', type: 'float32', shape: [null, 3] }],
      labels: null,
      decode: { width: 48, height: 40, order: 'RGB', layout: 'NHWC', scale: 1 / 255 },
      answer: { real: 1, scores: 'probabilities', threshold: 0.7 },
      golden: null,
    },
    paths: { model },
  }
  const { candidate } = await run({ incumbent: own })
  assert.deepEqual(Object.keys(candidate.files).toSorted(), ['golden', 'model', 'seen', 'sides'])
  assert.deepEqual(candidate.manifest.inputs, own.manifest.inputs)
  assert.deepEqual(candidate.manifest.decode, own.manifest.decode)
  assert.deepEqual(candidate.manifest.outputs[0]!.shape, [null, 2])
  assert.deepEqual(
    [candidate.manifest.answer.real, candidate.manifest.answer.scores],
    [0, 'logits'],
  )
})

test('a cancelled training ends', async () => {
  const ending = new AbortController()
  const progress = (fraction: number) => fraction > 0.3 && ending.abort()
  await assert.rejects(run({ signal: ending.signal, progress }), { name: 'AbortError' })
})

test('the card tells where it came from and what it is no good for', async () => {
  const { candidate, evaluation } = await run()
  assert.match(candidate.card, /^# face v1\.0\.1/)
  assert.match(candidate.card, /expect less on other cameras/)
  const base = candidate.manifest.origin.base as { readonly licence: string }
  assert.equal(base.licence, 'MIT AND Apache-2.0')
  assert.ok(evaluation?.kind === 'classification' && evaluation.decision?.positive === 1)
  assert.ok((await readFile(incumbent.paths.detector!)).equals(candidate.files.detector!.content))
})
