// The default cough model keeps what its card says of it, on the recordings that were held out.
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { decodeAudio, toMono } from '../../engine/decoders/audio.ts'
import { loadSession, type Session } from '../../engine/runtime.ts'
import type { Manifest } from '../../manifest.ts'
import { standardise, toDecibels } from '../../tensor/decibel.ts'
import { createMelSpectrogram } from '../../tensor/mel.ts'
import { createResampler, type Resampler } from '../../tensor/resample.ts'
import { COUGH_DECODE } from '../../train/cough/recipe.ts'
import { scoreRecordings } from '../../train/cough/score-recordings.ts'
import { readMediaFolder } from '../../train/data/read-media-folder.ts'
import type { FileRow } from '../../train/data/row.ts'
import { buildCough, sideOf, sourceOf } from './build-cough.ts'

const models = new URL('../../../models/cough/', import.meta.url)
const shared = fileURLToPath(new URL('../../../../shared/data/cough/', import.meta.url))
const model = readFileSync(new URL('model.onnx', models))
const manifest = JSON.parse(readFileSync(new URL('manifest.json', models), 'utf8')) as Manifest
const { signal } = new AbortController()

test('held-out recordings: balanced accuracy, whole and cut to two seconds', async (t) => {
  if (!existsSync(shared)) return t.skip('shared data not present')
  const rows = await readHeldOut()
  assert.deepEqual(manifest.decode, { ...COUGH_DECODE })
  const scored = await scoreRecordings(model, COUGH_DECODE, rows, signal)
  const named = scored.map(({ probabilities }) => toLabel(probabilities))
  const truth = rows.map(({ label }) => label)
  const whole = balanced(truth, named)
  assert.ok(Math.abs(whole - manifest.metrics.balanced_accuracy!) < 0.01, String(whole))
  assert.ok(whole >= 0.96, String(whole))
  const session = await loadSession(model)
  const hear = createHearing(session)
  const short: string[] = []
  for (const { path } of rows) short.push(await hear(path, 2, 16_000))
  await session.release()
  assert.ok(balanced(truth, short) >= 0.95, String(balanced(truth, short)))
})

test('no source stands on two sides, and a missing folder is named', async (t) => {
  await assert.rejects(buildCough('/nowhere/at/all'), { code: 'training.unreadable' })
  if (!existsSync(shared)) return t.skip('shared data not present')
  const { rows } = await readMediaFolder(shared, { kind: 'audio', groupOf: sourceOf })
  const groups = Map.groupBy(
    rows.filter(({ group }) => group !== null),
    ({ group }) => group,
  )
  for (const own of groups.values()) assert.equal(new Set(own.map(sideOf)).size, 1)
  const held = rows.filter((row) => sideOf(row) === 'test')
  assert.equal(held.filter(({ label }) => label === 'non-cough').length, 80)
  assert.ok(held.filter(({ label }) => label === 'cough').every(({ id }) => /telegram/.test(id)))
})

async function readHeldOut(): Promise<readonly FileRow[]> {
  const { rows } = await readMediaFolder(shared, { kind: 'audio', groupOf: sourceOf })
  return rows.filter((row) => sideOf(row) === 'test')
}

const toLabel = (probabilities: ArrayLike<number>): string =>
  manifest.labels![probabilities[0]! >= probabilities[1]! ? 0 : 1]!

/** Mean recall. */
function balanced(truth: readonly string[], named: readonly string[]): number {
  const recalls = manifest.labels!.map((label) => {
    const own = [...truth.keys()].filter((row) => truth[row] === label)
    return own.filter((row) => named[row] === label).length / own.length
  })
  return recalls.reduce((sum, recall) => sum + recall, 0) / recalls.length
}

/** The label of the first seconds of a file, sent at another rate. */
function createHearing(session: Session) {
  const resamplers = new Map<string, Resampler>()
  const resample = (samples: Float32Array, from: number, to: number): Float32Array => {
    const key = `${from}/${to}`
    const known = resamplers.get(key) ?? createResampler(from, to)
    resamplers.set(key, known)
    return known(samples)
  }
  const { sampleRate, mels, frames } = COUGH_DECODE
  const spectrogram = createMelSpectrogram(COUGH_DECODE)
  return async (path: string, seconds: number, rate: number): Promise<string> => {
    const audio = await decodeAudio(readFileSync(path), { maxSeconds: seconds })
    const sent = resample(toMono(audio), audio.sampleRate, rate)
    const levels = toDecibels(spectrogram(resample(sent, rate, sampleRate)), frames)
    const data = COUGH_DECODE.standardise ? standardise(levels) : levels
    const { probabilities } = await session.run({
      x: { type: 'float32', dims: [1, 1, mels, frames], data },
    })
    return toLabel(probabilities!.data as Float32Array)
  }
}
