import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DugaError } from '../../errors.ts'
import { decodeAudio } from './audio.ts'

const limits = { maxSeconds: 10 }

interface Chunk {
  name: string
  body: Buffer
  /** What the header says, where that is not the truth. */
  size?: number
}

function toWav(chunks: readonly Chunk[]): Buffer {
  const parts = chunks.flatMap(({ name, body, size = body.length }) => {
    const head = Buffer.alloc(8)
    head.write(name, 'latin1')
    head.writeUInt32LE(size, 4)
    return [head, body, Buffer.alloc(body.length % 2)]
  })
  return Buffer.concat([Buffer.from('RIFF\0\0\0\0WAVE', 'latin1'), ...parts])
}

function toFormat({ tag = 1, channels = 1, rate = 8000, bits = 16 }): Chunk {
  const body = Buffer.alloc(16)
  body.writeUInt16LE(tag, 0)
  body.writeUInt16LE(channels, 2)
  body.writeUInt32LE(rate, 4)
  body.writeUInt32LE(((rate * channels * bits) / 8) % 2 ** 32, 8)
  body.writeUInt16LE((channels * bits) / 8, 12)
  body.writeUInt16LE(bits, 14)
  return { name: 'fmt ', body }
}

const four = Buffer.from(Int16Array.of(0, 16_384, -32_768, 32_767).buffer)
const values = [0, 0.5, -1, 32_767 / 32_768].map(Math.fround)

test('odd chunks before the data are stepped over', async () => {
  const list = { name: 'LIST', body: Buffer.from('abc') }
  const audio = await decodeAudio(
    toWav([list, toFormat({}), list, { name: 'data', body: four }]),
    limits,
  )
  assert.deepEqual([...audio.channels[0]!], values)
})

test('sizes that a stream could not know mean all that follows', async () => {
  for (const size of [0, 0xffff_ffff, 0x7fff_ffff]) {
    const audio = await decodeAudio(
      toWav([toFormat({}), { name: 'data', body: four, size }]),
      limits,
    )
    assert.deepEqual([...audio.channels[0]!], values)
  }
})

test('a frame that breaks off is dropped', async () => {
  const body = four.subarray(0, 7)
  const wav = toWav([toFormat({ channels: 2 }), { name: 'data', body, size: 4000 }])
  const audio = await decodeAudio(wav.subarray(0, -1), limits)
  assert.deepEqual(
    audio.channels.map((channel) => [...channel]),
    [[0], [0.5]],
  )
})

test('ten hours announced, four samples there', async () => {
  const size = 10 * 3600 * 8000 * 2
  const audio = await decodeAudio(toWav([toFormat({}), { name: 'data', body: four, size }]), limits)
  assert.equal(audio.channels[0]!.length, 4)
})

test('formats that make no sense are refused', async () => {
  const zeros = Buffer.alloc(64)
  const data = { name: 'data', body: zeros }
  const nan = { name: 'data', body: Buffer.from(Float32Array.of(0, Number.NaN).buffer) }
  const infinite = { name: 'data', body: Buffer.from(Float32Array.of(0, Infinity).buffer) }
  const float = toFormat({ tag: 3, bits: 32 })
  const cases: Chunk[][] = [
    [toFormat({ channels: 0 }), data],
    [toFormat({ channels: 1000 }), data],
    [toFormat({ rate: 0 }), data],
    [toFormat({ rate: 0xffff_ffff }), data],
    [toFormat({ bits: 0 }), data],
    [toFormat({ bits: 12 }), data],
    [toFormat({ tag: 85 }), data],
    [data],
    [toFormat({})],
    [toFormat({}), { name: 'data', body: Buffer.alloc(0) }],
    [float, nan],
    [float, infinite],
  ]
  for (const chunks of cases) {
    await assert.rejects(decodeAudio(toWav(chunks), limits), (error: DugaError) => {
      return error.code === 'audio.unreadable' && error.status === 422
    })
  }
})
