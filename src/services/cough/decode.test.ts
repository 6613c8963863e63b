import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { compare, toFloats } from '../../../test/signal.ts'
import { decodeAudio } from '../../engine/decoders/audio.ts'
import type { DecodeContext } from '../../engine/service.ts'
import type { Json } from '../../json.ts'
import type { Manifest } from '../../manifest.ts'
import { toAnswer } from './answer.ts'
import { decode } from './decode.ts'
import { toCoughSpec } from './spec.ts'

interface Recording {
  name: string
  rate: number
  length: number
  rms: number
  every: number
  picture: string
}

const recordings = JSON.parse(
  readFileSync(new URL('./fixtures/recordings.json', import.meta.url), 'utf8'),
) as Recording[]
const shared = new URL('../../../../shared/data/cough/', import.meta.url)

function toManifest(settings: Record<string, Json> = {}): Manifest {
  const [input, output] = ['input', 'probabilities'].map((name) => {
    return { name, type: 'float32' as const, shape: [null] }
  })
  const parts = { inputs: [input], outputs: [output], labels: ['dry', 'non-cough', 'wet'] }
  return { ...parts, decode: settings, answer: {} } as unknown as Manifest
}

function toContext(settings: Record<string, Json> = {}): DecodeContext {
  return { manifest: toManifest(settings) } as DecodeContext
}

/** 16-bit mono. */
function toWav(samples: readonly number[], rate: number): Buffer {
  const data = Buffer.from(Int16Array.from(samples, (value) => value * 32_767).buffer)
  const head = Buffer.alloc(44)
  head.write('RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0', 'latin1')
  head.writeUInt32LE(rate, 24)
  head.writeUInt16LE(16, 34)
  head.write('data', 36)
  head.writeUInt32LE(data.length, 40)
  return Buffer.concat([head, data])
}

for (const { name, rate, length, rms, every, picture } of recordings) {
  test(`${name} gives librosa's picture`, async (t) => {
    if (!existsSync(shared)) return t.skip('shared data not present')
    const bytes = readFileSync(new URL(name, shared))
    const audio = await decodeAudio(bytes, { maxSeconds: 600 })
    assert.equal(audio.sampleRate, rate)
    assert.equal(audio.channels[0]!.length, length)
    const energy = audio.channels.map((samples) => samples.reduce((sum, x) => sum + x * x, 0))
    const total = energy.reduce((sum, value) => sum + value, 0) / (length * energy.length)
    assert.ok(Math.abs(Math.sqrt(total) - rms) < 1e-4 * rms + 1e-7)
    const { feeds } = await decode(bytes, toContext())
    const sample = (feeds.input!.data as Float32Array).filter((_, i) => i % every === 0)
    const { mean, max } = compare(sample, toFloats(picture))
    // A unit of these pictures is some 15 to 25 dB.
    assert.ok(mean < 0.005, `mean ${mean}, max ${max}`)
  })
}

test('one row of float32, in the layout that the manifest names', async () => {
  const wav = toWav(
    Array.from({ length: 8000 }, (_, i) => Math.sin(i / 5)),
    8000,
  )
  const { rows, feeds } = await decode(wav, toContext())
  assert.equal(rows, 1)
  assert.deepEqual(feeds.input!.dims, [1, 128, 256, 1])
  const data = feeds.input!.data as Float32Array
  assert.equal(data.length, 128 * 256)
  const mean = data.reduce((sum, value) => sum + value, 0) / data.length
  assert.ok(Math.abs(mean) < 1e-5)
  const other = await decode(wav, toContext({ layout: 'NCHW', mels: 40, frames: 10, hop: 256 }))
  assert.deepEqual(other.feeds.input!.dims, [1, 1, 40, 10])
  const plain = await decode(wav, toContext({ standardise: false }))
  const decibels = plain.feeds.input!.data as Float32Array
  assert.ok(decibels.every((value) => value <= 0 && value >= -80.001))
})

test('silence and a single sample give numbers', async () => {
  for (const samples of [new Array<number>(50_000).fill(0), [0], [1]]) {
    const { feeds } = await decode(toWav(samples, 44_100), toContext())
    assert.ok((feeds.input!.data as Float32Array).every(Number.isFinite))
  }
})

test('calls do not share memory', async () => {
  const context = toContext()
  const first = await decode(toWav([0.5, 0.1, -0.5], 22_050), context)
  const copy = (first.feeds.input!.data as Float32Array).slice()
  await decode(toWav([1, -1, 1, -1], 22_050), context)
  assert.deepEqual(first.feeds.input!.data, copy)
})

test('only the first seconds count', async () => {
  const long = Array.from({ length: 16_000 }, (_, i) => (i < 8000 ? Math.sin(i / 9) : 1))
  const context = toContext({ maxSeconds: 1 })
  const [whole, cut] = [
    await decode(toWav(long, 8000), context),
    await decode(toWav(long.slice(0, 8000), 8000), context),
  ]
  assert.deepEqual(whole, cut)
})

test('a manifest that makes no sense names its key', () => {
  const cases: [Record<string, Json>, RegExp][] = [
    [{ nFft: 1000 }, /decode\.nFft must be a power of two/],
    [{ mels: 0 }, /decode\.mels must be a whole number from 1 to 512/],
    [{ hop: '512' }, /decode\.hop/],
    [{ layout: 'HWC' }, /decode\.layout/],
    [{ standardise: 1 }, /decode\.standardise/],
    [{ maxSeconds: 1e9 }, /decode\.maxSeconds/],
  ]
  for (const [settings, message] of cases) {
    assert.throws(() => toCoughSpec(toManifest(settings)), message)
  }
})

test('the answer is the best class with the scores of all', () => {
  const toOutputs = (...values: number[]) => ({
    probabilities: { type: 'float32' as const, dims: [1, 3], data: Float32Array.from(values) },
  })
  const manifest = toManifest()
  const answer = toAnswer(toOutputs(0.25, 0.25, 0.5), { manifest })
  assert.deepEqual(answer, {
    prediction: 'wet',
    confidence: 0.5,
    scores: { dry: 0.25, 'non-cough': 0.25, wet: 0.5 },
  })
  assert.throws(() => toAnswer(toOutputs(1, 0), { manifest }), TypeError)
  assert.throws(() => toAnswer(toOutputs(1, 0, Number.NaN), { manifest }), TypeError)
})
