// Training on made fans and on a real one; the candidate is asked through the service itself.
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { createVibrationApp } from '../../../test/builders/vibration-app.ts'
import { createBatch } from '../../../test/builders/vibration-windows.ts'
import type { Json } from '../../json.ts'
import type { Manifest } from '../../manifest.ts'
import { createRandom } from '../../train/random.ts'
import type { TrainContext, TrainResult } from '../../train/task.ts'
import { judgeScores } from '../../train/vibration/gate.ts'
import { train } from './train.ts'

const FAN = fileURLToPath(new URL('../../../../shared/data/vibration/fan.csv', import.meta.url))
let folder = ''
/** A fan with a broken state, and what becomes of it with seed 1. */
let made = ''
let first: TrainResult
const stages: number[] = []

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'duga-vibration-train-'))
  made = await writeFan('made.csv', { normal: 0, broken: 0.3 })
  first = await run(made, {}, { progress: (fraction) => stages.push(fraction) })
})
after(() => rm(folder, { recursive: true }))

async function run(
  data: string,
  parameters: { readonly [key: string]: Json } = {},
  changes: Partial<TrainContext> = {},
): Promise<TrainResult> {
  return await train({
    ...{ version: 'v1.0.1', incumbent: null, signal: new AbortController().signal },
    checkpoints: await mkdtemp(join(folder, 'checkpoints-')),
    parameters: { data, seed: 1, ...parameters },
    progress: () => {},
    ...changes,
  })
}

/** Two states of a made machine: the broken one shakes along y, and faster. */
async function writeFan(
  name: string,
  states: Readonly<Record<string, number>>,
  points = 4800,
): Promise<string> {
  const random = createRandom(4)
  const noise = () => random() + random() - 1
  const lines = ['label,x,y,z']
  for (const [state, shake] of Object.entries(states)) {
    for (let i = 0; i < points; i++) {
      const turn = Math.sin(i / 2.1)
      const y = shake * Math.sin(i / 1.3) + 0.1 * turn + 0.05 * noise()
      lines.push(`${state},${1 + 0.05 * turn + 0.03 * noise()},${y},${0.05 * noise() - 0.1}`)
    }
  }
  const path = join(folder, name)
  await writeFile(path, `${lines.join('\n')}\n`)
  return path
}

async function incumbentOf({ candidate }: TrainResult): Promise<TrainContext['incumbent']> {
  const model = join(folder, 'incumbent.onnx')
  await writeFile(model, candidate.files.model!.content)
  return { manifest: candidate.manifest as unknown as Manifest, paths: { model } }
}

for (const architecture of ['convolutional', 'lstm']) {
  test(`a made fan, ${architecture}: raw windows, scaled in the graph, answered by the service`, async () => {
    const data = await writeFan(`${architecture}.csv`, { normal: 0, broken: 0.3 }, 2400)
    const { candidate } = await run(data, { architecture, epochs: 12 })
    const { metrics, outputs, origin } = candidate.manifest
    assert.ok(Number(metrics.roc_auc) > 0.95, JSON.stringify(metrics))
    assert.deepEqual(outputs[0]!.shape, [null, 96])
    assert.equal((origin.parameters as Record<string, Json>).architecture, architecture)
    assert.match(candidate.card, /raw windows, each axis scaled/)
    const vibration = await createVibrationApp(await mkdtemp(join(folder, 'home-')))
    try {
      await vibration.load(candidate)
      const payload = createBatch({ seed: 1, shake: 8 })
      const reply = await vibration.app.inject({ method: 'POST', url: '/infer', payload })
      assert.equal(reply.json().anomaly_status, true, reply.body)
    } finally {
      await vibration.close()
    }
  })
}

test('a made fan: its broken state is told apart, and the same seed gives the same bytes', async () => {
  assert.deepEqual(
    stages,
    stages.toSorted((a, b) => a - b),
  )
  const { metrics, answer } = first.candidate.manifest
  assert.ok(Number(metrics.roc_auc) > 0.99, JSON.stringify(metrics))
  assert.ok(Number(metrics.false_alarm_rate) <= 0.1)
  assert.ok((answer.threshold_seed as Json[]).length > 10)
  assert.equal(first.gate.passed, true)
  assert.match(first.notices.join(' '), /"normal" count as normal; "broken" only judged/)
  assert.equal(first.evaluation?.kind, 'anomaly')
  const again = await run(made, {}, { incumbent: await incumbentOf(first) })
  assert.deepEqual(again.candidate.files, first.candidate.files)
  assert.equal(again.gate.passed, true)
  assert.match(again.gate.reason, /^Not worse: false alarms on .* ROC AUC /)
  const [short, other] = [await run(made, { epochs: 2 }), await run(made, { epochs: 2, seed: 2 })]
  assert.notDeepEqual(other.candidate.files, short.candidate.files)
})

test('a training that was stopped goes on from its checkpoint to the same bytes', async () => {
  const checkpoints = await mkdtemp(join(folder, 'stopped-'))
  const ending = new AbortController()
  const stopped = run(
    made,
    {},
    {
      checkpoints,
      signal: ending.signal,
      progress: (fraction) => fraction > 0.25 && ending.abort(),
    },
  )
  await assert.rejects(stopped, { name: 'AbortError' })
  const fractions: number[] = []
  const progress = (fraction: number, message: string) =>
    message.startsWith('training') && fractions.push(fraction)
  const resumed = await run(made, {}, { checkpoints, progress })
  assert.deepEqual(resumed.candidate.files, first.candidate.files)
  assert.ok(fractions[1]! > 0.25, 'it did not begin again')
})

test('what was trained on both states as normal finds nothing, and does not replace what does', async () => {
  const mixed = await writeFan('mixed.csv', { ok: 0, good: 0.3 })
  const blind = await run(mixed, { normal: 'good', epochs: 20 })
  const over = await run(made, { epochs: 20 }, { incumbent: await incumbentOf(blind) })
  assert.equal(over.gate.passed, true)
  const { errors, threshold } = { errors: [0.1, 0.2, 0.3], threshold: 0.25 }
  const better = {
    normal: Float64Array.from(errors),
    anomalous: Float64Array.of(1, 2),
    threshold: 1,
  }
  const worse = { ...better, anomalous: Float64Array.of(0.05, 0.05), threshold }
  assert.equal(judgeScores(worse, better, 1).passed, false)
  assert.match(judgeScores(worse, better, 1).reason, /^Worse than the version that serves: /)
})

test('the service answers with the candidate, and its threshold comes from training', async () => {
  const { candidate } = await run(await writeFan('served.csv', { normal: 0 }, 14_400), {
    epochs: 10,
  })
  const { metrics, answer } = candidate.manifest
  assert.equal(metrics.roc_auc, undefined)
  const home = await mkdtemp(join(folder, 'home-'))
  const vibration = await createVibrationApp(home)
  try {
    await vibration.load(candidate)
    const payload = createBatch({ seed: 1, shake: 8 })
    const reply = await vibration.app.inject({ method: 'POST', url: '/infer', payload })
    assert.equal(reply.statusCode, 200, reply.body)
    assert.equal(reply.json().anomaly_status, true)
    assert.equal(reply.json().threshold_source, 'seed')
    assert.equal(reply.json().threshold_samples, (answer.threshold_seed as Json[]).length)
    assert.equal(reply.json().threshold, metrics.threshold)
  } finally {
    await vibration.close()
  }
})

test('data that cannot be used says why', async () => {
  const short = join(folder, 'short.csv')
  await writeFile(short, `x,y,z\n${'1,0,0\n'.repeat(200)}`)
  await assert.rejects(run(short), { code: 'training.too-few-rows' })
  const unknown = await writeFan('unknown.csv', { worn: 0, cracked: 0.1 })
  await assert.rejects(run(unknown), { code: 'training.no-normal' })
  assert.equal((await run(unknown, { normal: ' Worn ', epochs: 2 })).gate.passed, true)
  const controller = new AbortController()
  const cancelled = run(
    unknown,
    { normal: 'worn' },
    {
      signal: controller.signal,
      progress: (_fraction, message) => message === 'training' && controller.abort(),
    },
  )
  await assert.rejects(cancelled, { name: 'AbortError' })
})

test('the fan of the shared data: better than the goals on stretches that it has not seen', async (t) => {
  if (!existsSync(FAN)) return t.skip('shared data not present')
  // A fifth of the recipe's epochs is enough for the goals.
  const { evaluation, candidate } = await run(FAN, { seed: 42, epochs: 40 })
  const { metrics } = candidate.manifest
  assert.ok(evaluation?.kind === 'anomaly')
  assert.ok(Number(metrics.roc_auc) >= 0.9, JSON.stringify(metrics))
  assert.ok(Number(metrics.false_alarm_rate) <= 0.02, JSON.stringify(metrics))
})
