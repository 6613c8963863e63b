import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { decodeSafetensors } from '../../tensor/safetensors.ts'
import { createRandom } from '../../train/random.ts'
import type { TrainContext, TrainResult } from '../../train/task.ts'
import { train } from './train.ts'

const RATE = 22_050
let folder = ''
let checkpoints = ''
let trained: TrainResult
const stages: string[] = []

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'duga-cough-'))
  checkpoints = await mkdtemp(join(tmpdir(), 'duga-cough-checkpoints-'))
  for (const label of ['dry', 'non-cough']) {
    await mkdir(join(folder, label))
    for (let i = 0; i < 12; i++) {
      await writeFile(join(folder, label, `${i}.wav`), toWav(makeSound(label, i)))
    }
  }
  await writeFile(
    join(folder, 'dry', 'broken.mp3'),
    Buffer.concat([Buffer.from('ID3'), noise(400)]),
  )
  await writeFile(join(folder, 'dry', 'notes.txt'), 'no sound')
  trained = await run({}, { progress: (_, message) => stages.push(message) })
})
after(async () => {
  for (const one of [folder, checkpoints]) await rm(one, { recursive: true })
})

async function run(
  parameters: TrainContext['parameters'] = {},
  changes: Partial<TrainContext> = {},
): Promise<TrainResult> {
  return await train({
    ...{ version: 'v1.0.0', incumbent: null, signal: new AbortController().signal },
    checkpoints: await mkdtemp(join(checkpoints, 'job-')),
    parameters: { data: folder, seed: 1, epochs: 2, batch_size: 8, ...parameters },
    progress: () => {},
    ...changes,
  })
}

test('a folder of recordings becomes a version with figures, and damaged files are named', () => {
  const { candidate, gate, notices, evaluation } = trained
  assert.equal(gate.passed, true)
  assert.deepEqual(candidate.manifest.labels, ['dry', 'non-cough'])
  assert.deepEqual(Object.keys(candidate.files).toSorted(), ['golden', 'model', 'seen'])
  assert.ok(candidate.manifest.metrics.balanced_accuracy! >= 0)
  assert.match(candidate.card, /# Coughs v1\.0\.0/)
  assert.ok(
    notices.some((text) => text.includes('broken.mp3')),
    notices.join('\n'),
  )
  assert.ok(notices.some((text) => text.includes('notes.txt')))
  assert.ok(evaluation?.kind === 'classification' && evaluation.history!.length === 2)
  assert.ok(stages.includes('listening') && stages.at(-1) === 'done')
})

test('the golden file has what the model answers', () => {
  const golden = decodeSafetensors(trained.candidate.files.golden!.content)
  const sum = [...golden['output.probabilities']!.data].reduce<number>((a, b) => a + Number(b), 0)
  assert.ok(Math.abs(sum - 1) < 1e-5)
})

test('the same seed gives the same bytes, and the version that serves is judged on the same rows', async () => {
  const { candidate } = trained
  const model = join(folder, 'model.bin')
  await writeFile(model, candidate.files.model!.content)
  const manifest = {
    ...candidate.manifest,
    ...{ format: 1 as const, service: 'cough', version: 'v1.0.0', created: '', parent: null },
    files: {},
  }
  const again = await run({}, { incumbent: { manifest, paths: { model } } })
  assert.ok(
    Buffer.compare(again.candidate.files.model!.content, candidate.files.model!.content) === 0,
  )
  assert.match(again.gate.reason, /Not worse: .* on the same \d+ held-out recordings/)
  const seen = join(folder, 'seen.bin')
  await writeFile(seen, candidate.files.seen!.content)
  const other = await run(
    { seed: 2, epochs: 1 },
    { incumbent: { manifest, paths: { model, seen } } },
  )
  assert.equal(other.gate.passed, true, other.gate.reason)
})

test('a training that was stopped goes on from its checkpoint to the same bytes', async () => {
  const own = await mkdtemp(join(checkpoints, 'stopped-'))
  const ending = new AbortController()
  const stopped = run(
    {},
    {
      checkpoints: own,
      signal: ending.signal,
      progress: (_, message) => message.includes('epoch 1') && ending.abort(),
    },
  )
  await assert.rejects(stopped, { name: 'AbortError' })
  const heard: string[] = []
  const progress = (_: number, message: string) => heard.push(message)
  const { candidate } = await run({}, { checkpoints: own, progress })
  assert.deepEqual(candidate.files, trained.candidate.files)
  assert.ok(!heard.includes('training'), 'the first epoch was not trained again')
  const other = await run({ seed: 3 }, { checkpoints: own })
  assert.notDeepEqual(other.candidate.files.model, candidate.files.model)
})

test('files that change or go while the training reads them are left out and named', async () => {
  const own = join(checkpoints, 'changing')
  await cp(folder, own, { recursive: true, filter: (path) => !path.endsWith('.bin') })
  const changed = (_: number, message: string) => {
    if (message !== 'listening') return
    rmSync(join(own, 'dry', '3.wav'), { force: true })
    writeFileSync(join(own, 'non-cough', '4.wav'), toWav(makeSound('dry', 77)))
  }
  const { notices, gate } = await run({ data: own, epochs: 1 }, { progress: changed })
  assert.equal(gate.passed, true)
  assert.match(notices.join('\n'), /dry\/3\.wav is not what it was .*not there/)
  assert.match(notices.join('\n'), /non-cough\/4\.wav is not what it was .*content has changed/)
})

test('a cancelled training ends', async () => {
  const ending = new AbortController()
  const progress = (fraction: number) => fraction > 0.2 && ending.abort()
  await assert.rejects(run({}, { signal: ending.signal, progress }), { name: 'AbortError' })
})

test('a folder that is not there, and one without classes', async () => {
  await assert.rejects(run({ data: join(folder, 'absent') }), { code: 'training.unreadable' })
  await assert.rejects(run({ data: join(folder, 'dry') }), { code: 'training.no-files' })
})

/** Bursts of noise, or a tone. */
function makeSound(label: string, seed: number): Float32Array {
  const random = createRandom(seed + (label === 'dry' ? 100 : 0))
  const length = Math.round(RATE * (1 + 2 * random()))
  const hertz = 300 + 2000 * random()
  return Float32Array.from({ length }, (_, i) => {
    if (label !== 'dry') return 0.5 * Math.sin((2 * Math.PI * hertz * i) / RATE)
    return Math.exp(-(i % 9000) / 1500) * (random() - 0.5)
  })
}

function noise(length: number): Buffer {
  const random = createRandom(3)
  return Buffer.from(Uint8Array.from({ length }, () => random() * 128))
}

/** 16-bit mono. */
function toWav(samples: Float32Array): Buffer {
  const data = Buffer.from(Int16Array.from(samples, (value) => value * 32_767).buffer)
  const head = Buffer.alloc(44)
  head.write('RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0', 'latin1')
  head.writeUInt32LE(RATE, 24)
  head.writeUInt16LE(16, 34)
  head.write('data', 36)
  head.writeUInt32LE(data.length, 40)
  return Buffer.concat([head, data])
}
