// Files that no decoder wants: cut short, with flipped bits from a seed, with headers that promise too much.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { crc32, deflateSync } from 'node:zlib'
import { createRandom } from '../builders/cough-model.ts'

export interface HostileFile {
  readonly name: string
  readonly bytes: Uint8Array
}

const FIXTURES = new URL('../../src/engine/decoders/fixtures/', import.meta.url)

const fixture = (folder: 'audio' | 'images', name: string): HostileFile => {
  return { name, bytes: readFileSync(new URL(`${folder}/${name}`, FIXTURES)) }
}

/** One real file of every accepted format. */
export const SOUNDS: readonly HostileFile[] = [
  's16.wav',
  'f32.wav',
  'mp3.mp3',
  'vorbis.ogg',
  'opus.ogg',
  'flac.ogg',
  'flac.flac',
].map((name) => fixture('audio', name))

export const PICTURES: readonly HostileFile[] = [
  'rgb.jpg',
  'progressive.jpg',
  'rgb.png',
  'rgb.webp',
  'lossless.webp',
  'rgb.gif',
  'rgb.tif',
  'lzw.tif',
  'rgb.bmp',
].map((name) => fixture('images', name))

/** The file cut at places from its magic to one byte before its end. */
export function truncations({ name, bytes }: HostileFile): readonly HostileFile[] {
  const places = [1, 8, 12, 40, ...[0.1, 0.5, 0.9].map((part) => Math.floor(part * bytes.length))]
  return [...places, bytes.length - 1].map((length) => {
    return { name: `${name} cut at ${length}`, bytes: bytes.subarray(0, length) }
  })
}

/** Copies with `flips` flipped bits each, half of them in the first 256 bytes, where the headers are. */
export function bitFlips(
  { name, bytes }: HostileFile,
  { copies, flips, seed }: { copies: number; flips: number; seed: number },
): readonly HostileFile[] {
  const random = createRandom(seed ^ createHash('sha256').update(name).digest().readInt32LE())
  return Array.from({ length: copies }, (_, copy) => {
    const flipped = Uint8Array.from(bytes)
    for (let i = 0; i < flips; i++) {
      const range = i % 2 === 0 ? Math.min(256, bytes.length) : bytes.length
      flipped[Math.floor(random() * range)]! ^= 1 << Math.floor(random() * 8)
    }
    return { name: `${name} with flipped bits, copy ${copy} of seed ${seed}`, bytes: flipped }
  })
}

/** A PNG of 30,000 × 30,000 black pixels, as few kB: 2.7 GB once decoded. */
export function pngBomb(): HostileFile {
  const head = Buffer.alloc(13)
  head.writeUInt32BE(30_000, 0)
  head.writeUInt32BE(30_000, 4)
  head.set([8, 2], 8)
  const rows = deflateSync(Buffer.alloc(4_000_000), { level: 9 })
  const bytes = Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    pngChunk('IHDR', head),
    pngChunk('IDAT', rows),
    pngChunk('IEND', Buffer.alloc(0)),
  ])
  return { name: 'a PNG of 30,000 × 30,000', bytes }
}

/** Headers of the other formats that announce as many pixels. */
export function largeHeaders(): readonly HostileFile[] {
  const gif = Buffer.from('GIF89a\xff\xff\xff\xff\0\0\0,\0\0\0\0\xff\xff\xff\xff\0\x08', 'latin1')
  const bmp = Buffer.alloc(64)
  bmp.write('BM', 'latin1')
  bmp.writeUInt32LE(54, 10)
  bmp.writeUInt32LE(40, 14)
  bmp.writeInt32LE(30_000, 18)
  bmp.writeInt32LE(-2_147_483_648, 22)
  bmp.writeUInt16LE(24, 28)
  const jpeg = Buffer.from(readFileSync(new URL('images/rgb.jpg', FIXTURES)))
  const frame = jpeg.indexOf(Buffer.from([0xff, 0xc0]))
  jpeg.writeUInt32BE(0xffff_ffff, frame + 5)
  return [
    { name: 'a GIF of 65,535 × 65,535', bytes: gif },
    { name: 'a BMP of −2³¹ rows', bytes: bmp },
    { name: 'a JPEG of 65,535 × 65,535', bytes: jpeg },
  ]
}

/** A WAV whose header announces ten hours; a second of silence follows. */
export function endlessWav(): HostileFile {
  const rate = 44_100
  const bytes = Buffer.alloc(44 + 2 * rate)
  bytes.write('RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0\x01\0\x01\0', 'latin1')
  bytes.writeUInt32LE(rate, 24)
  bytes.writeUInt32LE(2 * rate, 28)
  bytes.set([2, 0, 16, 0], 32)
  bytes.write('data', 36, 'latin1')
  bytes.writeUInt32LE(10 * 3600 * 2 * rate, 40)
  return { name: 'a WAV of ten hours', bytes }
}

/** FLAC's STREAMINFO with the most samples that it can announce: 2³⁶ − 1. */
export function endlessFlac(): HostileFile {
  const bytes = Buffer.from(readFileSync(new URL('audio/flac.flac', FIXTURES)))
  bytes[21]! |= 0x0f
  bytes.fill(0xff, 22, 26)
  return { name: 'a FLAC of eighteen days', bytes }
}

/** WAV headers with values that divide by zero, overflow or contradict each other. */
export function oddWavs(): readonly HostileFile[] {
  const { bytes } = endlessWav()
  const changes: readonly (readonly [name: string, at: number, values: readonly number[]])[] = [
    ['no channels', 22, [0, 0]],
    ['65,535 channels', 22, [255, 255]],
    ['0 Hz', 24, [0, 0, 0, 0]],
    ['4 GHz', 24, [255, 255, 255, 255]],
    ['0 bits', 34, [0, 0]],
    ['an unknown encoding', 20, [0x55, 0]],
    ['a fmt chunk of 4 GB', 16, [255, 255, 255, 255]],
    ['no sound', 40, [1, 0, 0, 0]],
  ]
  return changes.map(([name, at, values]) => {
    const changed = Uint8Array.from(bytes)
    changed.set(values, at)
    return { name: `a WAV with ${name}`, bytes: changed }
  })
}

function pngChunk(type: string, data: Uint8Array): Buffer {
  const chunk = Buffer.alloc(data.length + 12)
  chunk.writeUInt32BE(data.length)
  chunk.write(type, 4, 'latin1')
  chunk.set(data, 8)
  chunk.writeUInt32BE(crc32(chunk.subarray(4, -4)), data.length + 8)
  return chunk
}
