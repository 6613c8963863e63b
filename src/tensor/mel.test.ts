import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { compare, type SignalKind, toFloats, toSignal } from '../../test/signal.ts'
import { standardise, toDecibels } from './decibel.ts'
import { createMelSpectrogram, hertzToMel, melToHertz, toMelFilters } from './mel.ts'

interface MelCase {
  kind: SignalKind
  rate: number
  count: number
  frames: number
  decibels: string
}

const fixture = new URL('./fixtures/audio.json', import.meta.url)
const { mel: cases } = JSON.parse(readFileSync(fixture, 'utf8')) as { mel: MelCase[] }
const spec = { sampleRate: 22050, nFft: 2048, hop: 512, mels: 128 }
const spectrogram = createMelSpectrogram(spec)

for (const { kind, rate, count, frames, decibels } of cases) {
  test(`mel spectrogram of ${count} samples of ${kind} is librosa's`, () => {
    const result = spectrogram(toSignal(kind, rate, count))
    assert.equal(result.frames, frames)
    const { mean, max } = compare(toDecibels(result), toFloats(decibels))
    assert.ok(mean <= 1e-3 && max <= 0.05, `mean ${mean} dB, max ${max} dB`)
  })
}

test('a spectrogram does not depend on the one before it', () => {
  const short = toSignal('noise', 22050, 3000)
  const alone = createMelSpectrogram(spec)(short)
  spectrogram(toSignal('chirp', 22050, 50_000))
  assert.deepEqual(spectrogram(short), alone)
})

test('sizes other than the default equal the definition', () => {
  for (const nFft of [16, 64, 512, 1024]) {
    const samples = toSignal('noise', 8000, nFft * 8)
    const bands = createMelSpectrogram({ sampleRate: 8000, nFft, hop: nFft / 4, mels: 4 })(samples)
    const expected = directBands(samples, nFft, nFft / 4)
    const { max } = compare(toDecibels(bands), toDecibels({ ...bands, data: expected }))
    assert.ok(max < 1e-3, `${nFft}: ${max} dB`)
  }
})

test('the mel scale is its inverse’s inverse', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 96_000, noNaN: true }), (hertz) => {
      assert.ok(Math.abs(melToHertz(hertzToMel(hertz)) - hertz) <= 1e-9 * (1 + hertz))
    }),
  )
})

test('silence is zeros all the way, and a width cuts or pads', () => {
  const silence = spectrogram(new Float32Array(22050))
  const picture = toDecibels(silence, 256)
  assert.equal(picture.length, 128 * 256)
  assert.ok(standardise(picture).every((value) => value === 0))
  const wide = toDecibels(spectrogram(toSignal('noise', 22050, 22050)), 50)
  assert.ok(wide.subarray(44, 50).every((value) => value === 0))
  assert.ok(wide[43]! < 0)
  const cut = toDecibels(spectrogram(toSignal('noise', 22050, 22050)), 10)
  assert.deepEqual(cut.subarray(0, 10), wide.subarray(0, 10))
})

test('standardising gives zero mean and unit deviation', () => {
  const values = standardise(Float32Array.from({ length: 999 }, (_, i) => -80 + (i % 83)))
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
  assert.ok(Math.abs(mean) < 1e-6 && Math.abs(variance - 1) < 1e-5)
})

/** The definition, with a direct Fourier sum. */
function directBands(samples: Float32Array, nFft: number, hop: number): Float32Array {
  const filters = toMelFilters({ sampleRate: 8000, nFft, mels: 4 })
  const frames = 1 + Math.floor(samples.length / hop)
  const bands = new Float32Array(4 * frames)
  for (let frame = 0; frame < frames; frame++) {
    const powers = Array.from({ length: nFft / 2 + 1 }, (_, k) => {
      let [re, im] = [0, 0]
      for (let i = 0; i < nFft; i++) {
        const window = 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / nFft)
        const value = window * (samples[frame * hop + i - nFft / 2] ?? 0)
        re += value * Math.cos((2 * Math.PI * k * i) / nFft)
        im -= value * Math.sin((2 * Math.PI * k * i) / nFft)
      }
      return re * re + im * im
    })
    filters.forEach(({ start, weights }, band) => {
      const sum = weights.reduce((total, weight, i) => total + weight * powers[start + i]!, 0)
      bands[band * frames + frame] = sum
    })
  }
  return bands
}
