import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createDraw } from './counter-random.ts'
import { augmentSound } from './sound.ts'
import { maskSpectrogram } from './spectrogram-mask.ts'

const RATE = 8000
const tone = Float32Array.from({ length: RATE * 2 }, (_, i) => Math.sin(i / 5))
const draw = (id = 'row') => createDraw({ seed: 1, epoch: 0, id })
const power = (samples: Float32Array) => samples.reduce((sum, x) => sum + x * x, 0) / samples.length

test('a crop is a piece of the recording, of a length within the range', () => {
  for (let i = 0; i < 50; i++) {
    const piece = augmentSound(tone, RATE, { crop: [0.5, 1.5] }, draw(`${i}`))
    assert.ok(piece.length >= 0.5 * RATE && piece.length <= 1.5 * RATE)
  }
  const short = augmentSound(tone.subarray(0, 100), RATE, { crop: [0.5, 1.5] }, draw())
  assert.deepEqual(short, tone.slice(0, 100))
})

test('a shift keeps every sample; gain keeps the shape', () => {
  const shifted = augmentSound(tone, RATE, { shift: 0.5 }, draw())
  assert.notDeepEqual(shifted, tone)
  assert.deepEqual(shifted.toSorted(), tone.toSorted())
  const loud = augmentSound(tone, RATE, { gain: 12 }, draw())
  const factor = loud[3]! / tone[3]!
  assert.ok(loud.every((value, i) => Math.abs(value - factor * tone[i]!) < 1e-5))
  assert.ok(Math.abs(20 * Math.log10(factor)) <= 12)
})

test('noise and background lie as far under the sound as asked for', () => {
  const mix = { probability: 1, ratio: [10, 10] } as const
  const other = Float32Array.from({ length: 777 }, (_, i) => (i % 13) - 6)
  for (const heard of [
    augmentSound(tone, RATE, { noise: mix }, draw()),
    augmentSound(tone, RATE, { background: mix }, draw(), [other]),
  ]) {
    const added = heard.map((value, i) => value - tone[i]!)
    assert.ok(Math.abs(10 * Math.log10(power(tone) / power(added)) - 10) < 0.2)
  }
  assert.deepEqual(augmentSound(tone, RATE, { background: mix }, draw(), []), tone)
  const silence = new Float32Array(100)
  assert.deepEqual(augmentSound(silence, RATE, { noise: mix, gain: 6 }, draw()), silence)
})

test('the recording itself is never changed; the same numbers give the same hearing', () => {
  const before = tone.slice()
  const all = {
    crop: [0.5, 1],
    shift: 0.2,
    gain: 6,
    noise: { probability: 1, ratio: [5, 30] },
  } as const
  assert.deepEqual(augmentSound(tone, RATE, all, draw()), augmentSound(tone, RATE, all, draw()))
  assert.deepEqual(tone, before)
})

test('masks stay within their parts', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 40 }),
      fc.string(),
      (bands, frames, id) => {
        const data = new Float32Array(bands * frames).fill(1)
        const time = { count: 1, part: 0.3 }
        maskSpectrogram(
          data,
          bands,
          frames,
          { time, frequency: { count: 0, part: 1 } },
          0,
          draw(id),
        )
        const blank = data.filter((value) => value === 0).length
        assert.equal(blank % bands, 0)
        assert.ok(blank / bands <= Math.floor(frames * 0.3))
      },
    ),
  )
})
