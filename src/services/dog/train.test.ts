// Dog trainings on small pictures and a small network that are made here; train.slow.ts has the bundled one.
import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { writeClassPictures } from '../../../test/builders/class-pictures.ts'
import { createTinyBackbone } from '../../../test/builders/tiny-backbone.ts'
import type { Manifest } from '../../manifest.ts'
import { decodeSafetensors } from '../../tensor/safetensors.ts'
import type { TrainContext, TrainResult } from '../../train/task.ts'
import { train } from './train.ts'

let root = ''
let data = ''
let backbone = ''
let trained: TrainResult
const stages: string[] = []

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'duga-dog-train-'))
  data = join(root, 'pictures')
  await writeClassPictures(data, 10)
  backbone = join(root, 'tiny.onnx')
  await writeFile(backbone, createTinyBackbone())
  await writeFile(join(data, 'rings', 'damaged.jpg'), Buffer.from('ffd8ffe000104a464946', 'hex'))
  await writeFile(join(data, 'rings', 'notes.txt'), 'no picture')
  trained = await run({}, { progress: (_, message) => stages.push(message) })
})
after(() => rm(root, { recursive: true }))

async function run(
  parameters: TrainContext['parameters'] = {},
  changes: Partial<TrainContext> = {},
): Promise<TrainResult> {
  const checkpoints = await mkdtemp(join(root, 'job-'))
  return await train({
    ...{ version: 'v1.0.1', incumbent: null, signal: new AbortController().signal },
    ...{ checkpoints, cache: join(root, 'cache') },
    parameters: { data, backbone, seed: 1, epochs: 4, views: 1, ...parameters },
    progress: () => {},
    ...changes,
  })
}

test('a folder of pictures becomes a version with its classes, and damaged files are named', () => {
  const { candidate, gate, notices, evaluation } = trained
  const { manifest, files, card } = candidate
  assert.equal(gate.passed, true)
  assert.deepEqual(manifest.labels, ['checks', 'rings', 'stripes'])
  assert.deepEqual(Object.keys(files).toSorted(), ['classes', 'golden', 'model', 'seen'])
  assert.deepEqual(JSON.parse(Buffer.from(files.classes!.content).toString()), {
    ...{ 0: 'checks', 1: 'rings', 2: 'stripes' },
  })
  assert.equal(files.classes!.name, 'class_indices.json')
  assert.deepEqual(manifest.inputs[0]!.shape, [null, 3, 32, 32])
  assert.deepEqual(
    manifest.outputs.map(({ name, shape }) => [name, ...shape]),
    [
      ['probabilities', null, 3],
      ['embedding', null, 32],
    ],
  )
  assert.equal('classes' in manifest.answer, false)
  assert.deepEqual(manifest.decode.scale, 1 / 255)
  for (const name of ['damaged.jpg', 'notes.txt']) {
    assert.ok(
      notices.some((text) => text.includes(`rings/${name}`)),
      notices.join('\n'),
    )
  }
  assert.match(card, /On 6 held-out rows/)
  assert.match(card, /tiny\.onnx/)
  assert.ok(evaluation?.kind === 'classification')
  assert.equal(evaluation.history!.length, 4)
  assert.equal(evaluation.labels.length, 6)
  const { train: trainedOn, validation, test: tested } = evaluation.data!.classes.rings!
  assert.equal(trainedOn! + validation! + tested!, 10)
  assert.ok(stages.includes('features') && stages.at(-1) === 'done')
})

test('the golden file has what the model answers', () => {
  const golden = decodeSafetensors(trained.candidate.files.golden!.content)
  assert.deepEqual(golden['input.image']!.dims, [1, 3, 32, 32])
  const sum = [...golden['output.probabilities']!.data].reduce<number>((a, b) => a + Number(b), 0)
  assert.ok(Math.abs(sum - 1) < 1e-5)
})

test('the next job takes the features from the cache, gives the same bytes, and is judged on the same pictures', async () => {
  const incumbent = await toIncumbent(trained)
  const checkpoints = join(root, 'again')
  const again = await run({}, { incumbent, checkpoints })
  const { content } = again.candidate.files.model!
  assert.ok(Buffer.compare(content, trained.candidate.files.model!.content) === 0)
  assert.match(again.gate.reason, /^Not worse: .* on the same 6 held-out pictures/)
  assert.deepEqual(
    (await readdir(checkpoints, { recursive: true })).filter((name) => name.endsWith('.table')),
    [],
  )
})

test('a version that knows none of the classes is no measure', async () => {
  const incumbent = await toIncumbent(trained)
  const labels = ['beagle', 'pug', 'boxer']
  const other = { ...incumbent, manifest: { ...incumbent.manifest, labels } }
  const { gate } = await run({ epochs: 1 }, { incumbent: other })
  assert.deepEqual(gate, {
    passed: true,
    reason: 'The version that serves knows none of these classes.',
  })
})

test('the last stage can be trained too', async () => {
  const { candidate, evaluation } = await run({ unfreeze: 1, epochs: 2 })
  assert.match(candidate.card, /its last stage at a lower rate/)
  assert.ok(evaluation!.history!.length > 2, 'epochs of both phases')
  await assert.rejects(run({ unfreeze: 9 }), { code: 'input.invalid' })
})

test('the recipe of the notebook, resumed where it was cancelled', async () => {
  const notebook = { recipe: 'resnet50v2-notebook', epochs: 3, batch_size: 8 }
  const whole = await run(notebook)
  const { candidate, evaluation } = whole
  assert.match(candidate.card, /augmented anew in every epoch/)
  assert.equal(evaluation!.history!.length, 3)
  // All planes of the last layer: 32 of 4 × 4 places.
  assert.deepEqual(candidate.manifest.outputs[1]!.shape, [null, 512])
  const checkpoints = join(root, 'notebook')
  const ending = new AbortController()
  const progress = (_: number, message: string) =>
    message === 'training, epoch 2' && ending.abort(new Error('cancelled'))
  const cancelled = run(notebook, { checkpoints, signal: ending.signal, progress })
  await assert.rejects(cancelled, /cancelled/)
  const seen: string[] = []
  const resumed = await run(notebook, { checkpoints, progress: (_, message) => seen.push(message) })
  assert.equal(seen.includes('training, epoch 1'), false)
  const { content } = resumed.candidate.files.model!
  assert.ok(Buffer.compare(content, candidate.files.model!.content) === 0)
})

test('a cancelled training ends, and leaves no tables', async () => {
  const ending = new AbortController()
  const progress = (_: number, message: string) => message.startsWith('training') && ending.abort()
  const checkpoints = join(root, 'cancelled')
  await assert.rejects(run({}, { signal: ending.signal, progress, checkpoints }), {
    name: 'AbortError',
  })
  const left = await readdir(checkpoints, { recursive: true })
  assert.equal(
    left.some((name) => name.endsWith('.table')),
    false,
  )
})

test('what cannot be learned from', async () => {
  await assert.rejects(run({ data: join(root, 'absent') }), { code: 'training.unreadable' })
  await assert.rejects(run({ data: join(data, 'rings') }), { code: 'training.no-files' })
  const text = join(root, 'text.onnx')
  await writeFile(text, 'no model')
  await assert.rejects(run({ backbone: text }), { code: 'model.unreadable' })
})

async function toIncumbent({
  candidate,
}: TrainResult): Promise<NonNullable<TrainContext['incumbent']>> {
  const paths: Record<string, string> = {}
  for (const [role, { content }] of Object.entries(candidate.files)) {
    paths[role] = join(root, `${role}.bin`)
    await writeFile(paths[role], content)
  }
  const manifest: Manifest = {
    ...candidate.manifest,
    ...{ format: 1, service: 'dog', version: 'v1.0.1', created: '', parent: null, files: {} },
  }
  return { manifest, paths }
}
