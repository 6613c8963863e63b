import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { type SignalKind, toFloats, toSignal } from '../../test/signal.ts'
import { toDecibels } from './decibel.ts'
import { SOURCE } from './kernels/audio-wasm.ts'
import { createMelSpectrogram, hertzToMel, melToHertz } from './mel.ts'
import { createResampler } from './resample.ts'

interface ResampleCase {
  kind: SignalKind
  rate: number
  count: number
  length: number
  frames: number
  decibels: string
}

const fixture = new URL('./fixtures/audio.json', import.meta.url)
const { resample: cases } = JSON.parse(readFileSync(fixture, 'utf8')) as {
  resample: ResampleCase[]
}
const spectrogram = createMelSpectrogram({ sampleRate: 22050, nFft: 2048, hop: 512, mels: 128 })

for (const { kind, rate, count, length, frames, decibels } of cases) {
  test(`${kind} from ${rate} Hz gives soxr's spectrogram below 10 kHz`, () => {
    const resampled = createResampler(rate, 22050)(toSignal(kind, rate, count))
    assert.equal(resampled.length, length)
    const [ours, theirs] = [toDecibels(spectrogram(resampled)), toFloats(decibels)]
    assert.equal(ours.length, theirs.length)
    let sum = 0
    let values = 0
    for (let band = 0; melToHertz((hertzToMel(11025) * (band + 1)) / 129) < 10_000; band++) {
      for (let frame = 0; frame < frames; frame++) {
        sum += Math.abs(ours[band * frames + frame]! - theirs[band * frames + frame]!)
        values++
      }
    }
    assert.ok(sum / values <= 0.1, `mean ${sum / values} dB`)
  })
}

test('a tone below the band edge keeps its phase and amplitude at any ratio', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 4000, max: 100_000 }),
      fc.integer({ min: 4000, max: 60_000 }),
      fc.double({ min: 0.01, max: 0.9, noNaN: true }),
      (from, to, fraction) => {
        const step = 2 * Math.PI * fraction * 0.5 * Math.min(from, to)
        const tone = Float32Array.from({ length: 6000 }, (_, i) => Math.sin((step * i) / from))
        const resampled = createResampler(from, to)(tone)
        assert.equal(resampled.length, Math.ceil((6000 * to) / from))
        const edge = Math.ceil(resampled.length * 0.35)
        for (let i = edge; i < resampled.length - edge; i++) {
          const expected = Math.sin((step * i) / to)
          assert.ok(Math.abs(resampled[i]! - expected) < 2e-4, `sample ${i}`)
        }
      },
    ),
    { numRuns: 40 },
  )
})

test('halving removes what lies above the new band', () => {
  const tone = Float32Array.from({ length: 44_100 }, (_, i) => {
    return Math.sin((2 * Math.PI * 11_300 * i) / 44_100)
  })
  const resampled = createResampler(44_100, 22_050)(tone).subarray(1000, 21_000)
  assert.ok(resampled.every((value) => Math.abs(value) < 1e-5))
})

test('short inputs, and the same rate', () => {
  for (const from of [8000, 44_100, 48_000]) {
    const resampled = createResampler(from, 22_050)(Float32Array.of(1))
    assert.equal(resampled.length, Math.ceil(22_050 / from))
    assert.ok(resampled.every(Number.isFinite))
  }
  const samples = Float32Array.of(1, 2, 3)
  assert.equal(createResampler(22_050, 22_050)(samples), samples)
})

test('the compiled kernels are those of their source', () => {
  const source = readFileSync(new URL('./kernels/audio.as', import.meta.url))
  assert.equal(createHash('sha256').update(source).digest('hex'), SOURCE)
})
