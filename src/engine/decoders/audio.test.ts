import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { compare, createNoise, toFloats } from '../../../test/signal.ts'
import { DugaError } from '../../errors.ts'
import { decodeAudio, toMono } from './audio.ts'
import { sniffAudio } from './sniff-audio.ts'

interface Expected {
  rate: number
  length: number
  every: number
  channels: string[]
}

const folder = new URL('./fixtures/audio/', import.meta.url)
const read = (name: string) => Uint8Array.from(readFileSync(new URL(name, folder)))
const expected = JSON.parse(readFileSync(new URL('expected.json', folder), 'utf8')) as Record<
  string,
  Expected
>
const limits = { maxSeconds: 10 }
const unreadable = (error: unknown) => {
  return error instanceof DugaError && error.code === 'audio.unreadable' && error.status === 422
}

/** libsndfile decodes Opus at the rate of the encoder's input, we at 48 kHz. */
for (const [name, { rate, length, every, channels }] of Object.entries(expected)) {
  if (name === 'opus.ogg') continue
  test(`${name} gives libsndfile's samples`, async () => {
    const audio = await decodeAudio(read(name), limits)
    assert.equal(audio.sampleRate, rate)
    assert.equal(audio.channels.length, channels.length)
    for (const [i, channel] of audio.channels.entries()) {
      assert.equal(channel.length, length)
      const { max } = compare(
        channel.filter((_, at) => at % every === 0),
        toFloats(channels[i]!),
      )
      // libFLAC's build here divides by 32,767 where libsndfile divides by 32,768.
      assert.ok(max < (name.startsWith('flac') ? 4e-5 : 2e-6), `channel ${i}: ${max}`)
    }
  })
}

test('opus.ogg is decoded at 48 kHz', async () => {
  const audio = await decodeAudio(read('opus.ogg'), limits)
  assert.equal(audio.sampleRate, 48_000)
  assert.equal(audio.channels.length, 2)
  const { rate, length, every, channels } = expected['opus.ogg']!
  assert.ok(Math.abs(audio.channels[0]!.length - (length * 48_000) / rate) < 500)
  const energy = (values: Float32Array) => values.reduce((sum, value) => sum + value * value, 0)
  const ratio = energy(audio.channels[1]!) / 6 / (energy(toFloats(channels[1]!)) * every)
  assert.ok(ratio > 0.8 && ratio < 1.25, String(ratio))
})

test('no more is decoded than is asked for', async () => {
  for (const name of Object.keys(expected)) {
    const { channels, sampleRate } = await decodeAudio(read(name), { maxSeconds: 0.025 })
    assert.equal(channels[0]!.length, 0.025 * sampleRate, name)
  }
})

test('the format is told by content', () => {
  for (const name of Object.keys(expected)) {
    assert.equal(sniffAudio(read(name)), name.split('.')[1], name)
  }
  const ftyp = (brand: string) => Buffer.from(`\0\0\0\x20ftyp${brand}`, 'latin1')
  assert.equal(sniffAudio(ftyp('M4A ')), 'm4a')
  assert.equal(sniffAudio(ftyp('mp42')), 'm4a')
  assert.equal(sniffAudio(ftyp('heic')), null)
  assert.equal(sniffAudio(Buffer.from('RIFF\0\0\0\0AVI ')), null)
  assert.equal(sniffAudio(Buffer.from([0xff, 0xf1, 0x50, 0x80, 0, 0, 0, 0, 0, 0, 0, 0])), null)
  assert.equal(sniffAudio(Buffer.from('RIFF')), null)
})

test('M4A is recognised and refused with help', async () => {
  const file = Buffer.alloc(64)
  file.write('ftypM4A ', 4, 'latin1')
  await assert.rejects(decodeAudio(file, limits), (error: DugaError) => {
    return error.code === 'audio.no-aac' && error.status === 415 && error.help.includes('ffmpeg')
  })
})

test('what holds no sound is unreadable', async () => {
  const cases = ['', 'not a sound file at all', 'OggS and then nothing that is a page of it']
  cases.push(`ID3${'\0'.repeat(5000)}`, `fLaC${'x'.repeat(5000)}`, 'RIFF\0\0\0\0WAVEdata\0\0\0\0')
  for (const text of cases) {
    await assert.rejects(decodeAudio(Buffer.from(text, 'latin1'), limits), unreadable, text)
  }
})

test('every file cut anywhere gives its beginning or an error of the table', async () => {
  for (const name of Object.keys(expected)) {
    const whole = read(name)
    for (let part = 1; part < 12; part++) {
      await decodesOrRefuses(whole.subarray(0, Math.floor((whole.length * part) / 12)))
    }
  }
})

test('flipped bits give samples that are numbers or an error of the table', async () => {
  const noise = createNoise(7)
  for (const name of Object.keys(expected)) {
    for (let round = 0; round < 15; round++) {
      const bytes = read(name)
      for (let flips = 0; flips < 8; flips++) {
        const at = Math.floor(((noise() + 1) / 2) * (flips < 4 ? 100 : bytes.length))
        bytes[at]! ^= 1 << (round % 8)
      }
      await decodesOrRefuses(bytes)
    }
  }
})

test('mono is the mean of the channels', () => {
  const channels = [Float32Array.of(1, 0), Float32Array.of(0, 0.5)]
  assert.deepEqual(toMono({ channels, sampleRate: 8000 }), Float32Array.of(0.5, 0.25))
  assert.equal(toMono({ channels: channels.slice(1), sampleRate: 8000 }), channels[1])
})

async function decodesOrRefuses(bytes: Uint8Array): Promise<void> {
  try {
    const { channels } = await decodeAudio(bytes, limits)
    assert.ok(channels.every((channel) => channel.every(Number.isFinite)))
  } catch (error) {
    assert.ok(error instanceof DugaError, String(error))
  }
}
