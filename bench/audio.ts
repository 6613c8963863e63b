// Decode + resample + mel spectrogram of a WAV of 5 s at 44.1 kHz, as the cough service does it.
// Median and spread.

import { decodeAudio, toMono } from '../src/engine/decoders/audio.ts'
import type { DecodeContext } from '../src/engine/service.ts'
import type { Manifest } from '../src/manifest.ts'
import { decode } from '../src/services/cough/decode.ts'
import { toDecibels } from '../src/tensor/decibel.ts'
import { createMelSpectrogram } from '../src/tensor/mel.ts'
import { createResampler } from '../src/tensor/resample.ts'
import { toSignal } from '../test/signal.ts'

const [RATE, SECONDS, WARM_UPS, ROUNDS] = [44_100, 5, 50, 300]
const bytes = toWav(toSignal('fading', RATE, RATE * SECONDS))
const spec = { sampleRate: 22_050, nFft: 2048, hop: 512, mels: 128 }
const resample = createResampler(RATE, spec.sampleRate)
const spectrogram = createMelSpectrogram(spec)
const audio = await decodeAudio(bytes, { maxSeconds: 10 })
const samples = resample(toMono(audio))
const powers = spectrogram(samples)
const manifest = { inputs: [{ name: 'input' }], decode: {} } as unknown as Manifest

await measure('WAV, 16 bit', () => decodeAudio(bytes, { maxSeconds: 10 }))
await measure('resample 2:1', () => resample(toMono(audio)))
await measure('mel powers', () => spectrogram(samples))
await measure('decibels', () => toDecibels(powers, 256))
await measure('whole decode, standardised', () => decode(bytes, { manifest } as DecodeContext))

async function measure(name: string, run: () => unknown): Promise<void> {
  const times: number[] = []
  for (let i = 0; i < WARM_UPS + ROUNDS; i++) {
    const start = performance.now()
    await run()
    if (i >= WARM_UPS) times.push(performance.now() - start)
  }
  times.sort((a, b) => a - b)
  const at = (part: number) => times[Math.floor(part * (ROUNDS - 1))]!.toFixed(2)
  console.log(`${name.padEnd(28)} ${at(0.5)} ms (10 % ${at(0.1)}, 90 % ${at(0.9)})`)
}

function toWav(values: Float32Array): Buffer {
  const data = Buffer.from(Int16Array.from(values, (value) => value * 32_767).buffer)
  const head = Buffer.alloc(44)
  head.write('RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0', 'latin1')
  head.writeUInt32LE(RATE, 24)
  head.writeUInt16LE(16, 34)
  head.write('data', 36)
  head.writeUInt32LE(data.length, 40)
  return Buffer.concat([head, data])
}
