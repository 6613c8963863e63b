// Epochs over a small network: stopping, restoring, resuming, killed processes.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { BATCHES, runTraining } from '../../test/builders/trainer-run.ts'
import { createPictures, onlyDense, ROWS, settings } from '../../test/builders/training.ts'
import type { Tensors } from '../tensor/tensor.ts'
import { createTrainingStep } from './create-training-step.ts'
import { constant } from './schedules.ts'
import { trainModel } from './trainer.ts'

const program = fileURLToPath(new URL('../../test/builders/trainer-run.ts', import.meta.url))

async function createFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'duga-trainer-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

test('history, best epoch, and the same weights for the same seed', async () => {
  const [first, second] = [await runTraining(), await runTraining()]
  const { history, bestEpoch, stopped, reason } = first.result
  assert.equal(stopped, 'epochs')
  assert.equal(reason, null)
  assert.deepEqual(
    history.map(({ epoch }) => epoch),
    [1, 2, 3],
  )
  const losses = history.map(({ val_loss }) => val_loss!)
  assert.equal(bestEpoch, 1 + losses.indexOf(Math.min(...losses)))
  assert.ok(history[2]!.loss! < history[0]!.loss!)
  assert.equal(first.hash, second.hash)
  const other = await runTraining({ seed: 4 })
  assert.notEqual(other.hash, first.hash)
})

test('a training killed within an epoch and resumed ends with the same bits', async (t) => {
  const folder = await createFolder(t)
  const whole = await runTraining()
  for (const at of ['batch 0 3', 'batch 1 5', 'batch 2 1']) await runUntil(folder, at)
  const left = await readdir(folder)
  assert.ok(left.includes('latest.safetensors'), left.join(' '))
  const seen = await runUntil(folder, null)
  assert.ok(seen.includes(`done ${whole.hash}`), seen.join('\n'))
  // Skipped batches are drawn again but not trained on: only the last epoch was left.
  assert.ok(!seen.includes('batch 0 0') && !seen.includes('batch 1 0'))
  const again = await runTraining({ checkpoint: { folder } })
  assert.equal(again.hash, whole.hash)
  assert.equal(again.result.history.length, 3)
})

test('a checkpoint of another seed is refused', async (t) => {
  const folder = await createFolder(t)
  await runTraining({ epochs: 1, checkpoint: { folder } })
  await assert.rejects(runTraining({ epochs: 1, seed: 9, checkpoint: { folder } }), {
    code: 'training.state',
  })
})

test('patience ends it, and the best weights come back', async () => {
  let epoch = 0
  const values = [3, 1, 2, 2.5, 0]
  const kept: Tensors[] = []
  const step = await createTrainingStep(settings({ model: onlyDense() }))
  const result = await trainModel({
    step,
    batches: (index) => [{ feeds: createPictures(index), rows: ROWS }],
    validate: async () => {
      kept.push(step.parameters())
      return { score: -values[epoch++]! }
    },
    epochs: 50,
    schedule: constant(0.01),
    earlyStopping: { monitor: 'val_score', mode: 'max', patience: 2 },
    reduceOnPlateau: { monitor: 'val_score', mode: 'max', patience: 1, factor: 0.5 },
    seed: 0,
  })
  assert.equal(result.stopped, 'early-stopping')
  assert.equal(result.bestEpoch, 2)
  assert.equal(result.history.length, 4)
  assert.deepEqual(step.parameters(), kept[1])
  assert.deepEqual(
    result.history.map(({ learning_rate }) => learning_rate),
    [0.01, 0.01, 0.01, 0.005],
  )
  await step.release()
})

test('a loss that is not finite ends it with the reason and the last good weights', async (t) => {
  const folder = await createFolder(t)
  const step = await createTrainingStep(settings({ model: onlyDense() }))
  let good: Uint8Array | undefined
  const poison = createPictures(1)
  ;(poison.x!.data as Float32Array)[5] = Number.NaN
  const result = await trainModel({
    step,
    *batches(epoch) {
      if (epoch === 1) good = step.state()
      yield { feeds: createPictures(2), rows: ROWS }
      if (epoch === 1) yield { feeds: poison, rows: ROWS }
    },
    epochs: 5,
    schedule: constant(0.01),
    checkpoint: { folder },
    seed: 0,
  })
  assert.equal(result.stopped, 'diverged')
  assert.equal(result.reason, 'The loss in epoch 2, batch 2 is NaN.')
  assert.deepEqual(step.state(), good)
  await step.release()
})

test('a cancelled training stops at once and goes on from where it was', async (t) => {
  const folder = await createFolder(t)
  const whole = await runTraining()
  const controller = new AbortController()
  const cancelled = await runTraining({
    checkpoint: { folder },
    signal: controller.signal,
    *batches(epoch, random) {
      for (let i = 0; i < BATCHES; i++) {
        if (epoch === 1 && i === 3) controller.abort()
        yield { feeds: createPictures(epoch * 100 + Math.floor(random() * 50)), rows: ROWS }
      }
    },
  })
  assert.equal(cancelled.result.stopped, 'cancelled')
  assert.equal(cancelled.result.history.length, 1)
  const resumed = await runTraining({ checkpoint: { folder } })
  assert.equal(resumed.hash, whole.hash)
})

test('others get their turn while it runs', async () => {
  let turns = 0
  const timer = setInterval(() => turns++, 1)
  const seen: number[] = []
  await runTraining({ progress: ({ fraction }) => seen.push(fraction) })
  clearInterval(timer)
  assert.ok(turns > 3, `${turns} turns`)
  assert.equal(seen.at(-1), 1)
  assert.deepEqual(
    seen,
    seen.toSorted((a, b) => a - b),
  )
})

/** Runs the program until it says `line`, then kills it with −9; to its end where there is no line. */
async function runUntil(folder: string, line: string | null): Promise<string[]> {
  const child = spawn(process.execPath, [program, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part
    if (line !== null && text.includes(`${line}\n`)) child.kill('SIGKILL')
  })
  const code = await new Promise((resolve) => child.on('close', resolve))
  assert.equal(code, line === null ? 0 : null)
  return text.split('\n')
}
