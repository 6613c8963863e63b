// Writes examples/cough.wav: two coughs made of noise and a glottal pulse, shaped by the resonances
// of a throat. Made and not recorded, so that it may be given away; the same bytes every time.
import { writeFileSync } from 'node:fs'

const RATE = 22_050
const SECONDS = 2
/** Hz, bandwidth in Hz, gain: rough formants of an open mouth. */
const FORMANTS = [
  [550, 180, 1],
  [1450, 260, 0.6],
  [2600, 400, 0.4],
  [4200, 700, 0.2],
] as const

const samples = new Float64Array(RATE * SECONDS)
addCough(samples, 0.25, 1)
addCough(samples, 0.95, 0.7)
writeFileSync(new URL('../examples/cough.wav', import.meta.url), toWav(samples))

function addCough(out: Float64Array, start: number, loudness: number): void {
  const source = toSource(Math.round(0.5 * RATE), Math.round(start * 1000))
  const shaped = new Float64Array(source.length)
  for (const [hertz, width, gain] of FORMANTS) {
    resonate(source, hertz, width).forEach((value, i) => {
      shaped[i]! += gain * value
    })
  }
  const peak = shaped.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  shaped.forEach((value, i) => {
    out[Math.round(start * RATE) + i]! += (0.8 * loudness * value) / peak
  })
}

/** A burst of air, the noise that follows it, and a short voiced end. */
function toSource(length: number, seed: number): Float64Array {
  let state = seed
  let phase = 0
  return Float64Array.from({ length }, (_, i) => {
    state = (Math.imul(1_664_525, state) + 1_013_904_223) >>> 0
    const t = i / RATE
    const noise = state / 2 ** 31 - 1
    const burst = Math.exp(-t / 0.02)
    const flow = t > 0.03 ? 0.5 * Math.exp(-(t - 0.03) / 0.09) : 0
    const voiced = Math.exp(-(((t - 0.3) / 0.05) ** 2))
    phase += (190 - 150 * t) / RATE
    return noise * (burst + flow) + 0.6 * voiced * (2 * (phase % 1) - 1)
  })
}

/** A two-pole resonator. */
function resonate(source: Float64Array, hertz: number, width: number): Float64Array {
  const radius = Math.exp((-Math.PI * width) / RATE)
  const feedback = 2 * radius * Math.cos((2 * Math.PI * hertz) / RATE)
  let [before, beforeThat] = [0, 0]
  return source.map((value) => {
    const next = (1 - radius) * value + feedback * before - radius * radius * beforeThat
    beforeThat = before
    before = next
    return next
  })
}

function toWav(values: Float64Array): Buffer {
  const file = Buffer.alloc(44 + 2 * values.length)
  file.write('RIFF', 0)
  file.writeUInt32LE(file.length - 8, 4)
  file.write('WAVEfmt ', 8)
  file.writeUInt32LE(16, 16)
  file.writeUInt16LE(1, 20)
  file.writeUInt16LE(1, 22)
  file.writeUInt32LE(RATE, 24)
  file.writeUInt32LE(2 * RATE, 28)
  file.writeUInt16LE(2, 32)
  file.writeUInt16LE(16, 34)
  file.write('data', 36)
  file.writeUInt32LE(2 * values.length, 40)
  values.forEach((value, i) => {
    file.writeInt16LE(Math.round(32_767 * value), 44 + 2 * i)
  })
  return file
}
