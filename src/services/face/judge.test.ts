// The gate: a candidate beside the default model, on real crops.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { bundledFace } from '../../../test/builders/bundled-face.ts'
import { makeFaceFolder, makePersons } from '../../../test/builders/face-pictures.ts'
import type { VersionFiles } from '../../manifest.ts'
import { createGraph } from '../../onnx/graph.ts'
import type { ModelProto } from '../../onnx/proto.ts'
import type { FileRow } from '../../train/data/row.ts'
import { judgeFaces } from './judge.ts'
import { readFaces } from './read-faces.ts'

let folder = ''
let incumbent: VersionFiles
let crops: readonly FileRow[]
const signal = new AbortController().signal

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'duga-judge-'))
  incumbent = await bundledFace()
  const data = join(folder, 'data')
  await makeFaceFolder(data, await makePersons(8), { takes: 3, side: [150, 200] })
  const reading = { incumbent, threads: 2, signal, onProgress: () => {} }
  const read = await readFaces(data, { ...reading, folder: join(folder, 'crops') })
  crops = read.crops
})
after(() => rm(folder, { recursive: true }))

/** Logits [real, 0] from the mean level alone. */
function byBrightness(): ModelProto {
  const graph = createGraph('brightness')
  const constant = (data: number[], dims: number[]) =>
    graph.initializer('c', { type: 'float32', dims, data: Float32Array.from(data) })
  const x = graph.input('input', 'float32', ['N', 3, 128, 128])
  const mean = graph.node('ReduceMean', [x], { axes: [1, 2, 3], keepdims: 0 })
  const column = graph.node('Unsqueeze', [
    graph.node('Mul', [mean, constant([1 / 50], [])]),
    graph.initializer('axes', { type: 'int64', dims: [1], data: BigInt64Array.of(1n) }),
  ])
  const logits = graph.node('Mul', [column, constant([1, 0], [1, 2])])
  graph.output(graph.node('Softmax', [logits], { axis: -1 }), 'probabilities', 'float32', ['N', 2])
  return graph.build()
}

/** On live faces alone, where an incumbent of threshold 1 is always right and one of 0 never. */
function judge(threshold: 0 | 1) {
  const test = crops.filter(({ label }) => label === 'real')
  const parts = { train: [], validation: crops, test }
  const manifest = { ...incumbent.manifest, answer: { ...incumbent.manifest.answer, threshold } }
  const model = byBrightness()
  return judgeFaces({ model, parts }, { ...incumbent, manifest }, { seed: 1, threads: 2, signal })
}

test('a candidate that knows only light is held back where it is worse, and the reason has figures', async () => {
  const { gate, threshold, test: scored, spec } = await judge(1)
  assert.equal(gate.passed, false, gate.reason)
  assert.match(gate.reason, /^Worse .* against 100\.0% of the version that serves, on the same 24/)
  assert.ok(threshold > 0 && threshold < 1)
  assert.equal(spec.answer.threshold, threshold)
  assert.equal(scored.length, 24)
})

test('where the version that serves is wrong about every row, any other passes', async () => {
  const { gate } = await judge(0)
  assert.equal(gate.passed, true, gate.reason)
  assert.match(gate.reason, /against 0\.0% of the version that serves/)
})
