// Against Pillow and OpenCV; the files and values are made by scripts/reference/images/make.py.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { deflateSync } from 'node:zlib'
import fc from 'fast-check'
import sharp from 'sharp'
import { DugaError } from '../../errors.ts'
import { decodeImage } from './image.ts'
import { SHUT_LOADERS } from './shut-loaders.ts'
import { sniffImage } from './sniff-image.ts'

interface Expected {
  readonly width: number
  readonly height: number
  readonly data: string
}

const folder = new URL('./fixtures/images/', import.meta.url)
const read = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(name, folder)))
const expected = JSON.parse(readFileSync(new URL('expected.json', folder), 'utf8')) as Record<
  string,
  Expected & { readonly upright?: Expected }
>
const names = Object.keys(expected)

for (const [name, want] of Object.entries(expected)) {
  test(`${name} as Pillow`, async () => same(await decodeImage(read(name)), want))
  const { upright } = want
  if (upright) {
    test(`${name} upright as OpenCV`, async () =>
      same(await decodeImage(read(name), { applyOrientation: true }), upright))
  }
}

test('an AVIF is read', async () => {
  const pixels = { create: { width: 9, height: 5, channels: 3, background: '#d02010' } } as const
  const picture = await decodeImage(await sharp(pixels).avif({ quality: 90 }).toBuffer())
  assert.deepEqual([picture.width, picture.height, picture.data.length], [9, 5, 135])
  assert.ok(Math.abs(picture.data[0]! - 0xd0) < 8)
})

test('sniffing names the format of every picture, and only of pictures', () => {
  const byExtension: Record<string, string> = { jpg: 'jpeg', tif: 'tiff' }
  for (const name of names) {
    const extension = name.slice(name.lastIndexOf('.') + 1)
    assert.equal(sniffImage(read(name).subarray(0, 32)), byExtension[extension] ?? extension)
  }
  const others = [
    '',
    '<svg xmlns="http://www.w3.org/2000/svg"/>',
    '%PDF-1.7',
    'BM, said he, …',
    'II',
  ]
  for (const text of others) assert.equal(sniffImage(Buffer.from(text)), null)
})

test('an SVG is not rendered, whatever stands before it', async () => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect/></svg>'
  for (const head of ['', '\x89PNG\r\n\x1a\n', 'II*\0', '\xff\xd8\xff']) {
    await refused(Buffer.concat([Buffer.from(head, 'latin1'), Buffer.from(svg)]))
  }
})

test('every picture cut short is refused, or is decoded where nothing is missing', async () => {
  for (const name of names) {
    const bytes = read(name)
    for (const share of [0.01, 0.1, 0.5, 0.8]) {
      await refused(bytes.subarray(0, Math.floor(bytes.length * share)), name)
    }
  }
})

test('flipped bits end in a picture or in image.unreadable, nothing else', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...names),
      fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), {
        minLength: 1,
        maxLength: 6,
      }),
      async (name, flips) => {
        const bytes = read(name)
        for (const [at, bits] of flips) bytes[at % bytes.length]! ^= bits
        try {
          const { width, height, data } = await decodeImage(bytes, { maxPixels: 1_000_000 })
          assert.equal(data.length, width * height * 3)
        } catch (error) {
          assert.ok(error instanceof DugaError && error.code.startsWith('image.'), String(error))
        }
      },
    ),
    { numRuns: 400 },
  )
})

test('a bomb is refused before its pixels are allocated', async () => {
  const before = process.memoryUsage.rss()
  const bombs = [pngBomb(30_000, 30_000), bmpBomb(30_000, 30_000), gifBomb(60_000, 60_000)]
  for (const bomb of bombs) {
    await assert.rejects(
      async () => decodeImage(bomb),
      (error) => error instanceof DugaError && error.code === 'image.too-many-pixels',
    )
  }
  assert.ok(process.memoryUsage.rss() - before < 100e6)
})

test('the limit counts pixels and includes its bound', async () => {
  const picture = await decodeImage(read('rgb.jpg'), { maxPixels: 23 * 17 })
  assert.equal(picture.width, 23)
  await assert.rejects(async () => decodeImage(read('rgb.jpg'), { maxPixels: 23 * 17 - 1 }), {
    code: 'image.too-many-pixels',
    parameters: { limit: 23 * 17 - 1 },
  })
})

function same(picture: { width: number; height: number; data: Uint8Array }, want: Expected): void {
  assert.deepEqual([picture.width, picture.height], [want.width, want.height])
  assert.ok(Buffer.from(picture.data).equals(Buffer.from(want.data, 'base64')))
}

async function refused(bytes: Uint8Array, name = ''): Promise<void> {
  await assert.rejects(
    async () => decodeImage(bytes),
    (error) => {
      assert.ok(error instanceof DugaError, `${name}: ${error}`)
      assert.equal(error.code, 'image.unreadable')
      assert.doesNotMatch(error.message, /vips|sharp|[/\\]\w+[/\\]/i)
      return true
    },
    name,
  )
}

function pngBomb(width: number, height: number): Uint8Array {
  const chunk = (kind: string, body: Buffer): Buffer => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(body.length)
    return Buffer.concat([length, Buffer.from(kind), body, Buffer.alloc(4)])
  }
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 2, 0, 0, 0])
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  const body = deflateSync(Buffer.alloc(1_000_000))
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')
  const parts = [chunk('IHDR', header), chunk('IDAT', body), chunk('IEND', Buffer.alloc(0))]
  return Buffer.concat([signature, ...parts.map(withCrc)])
}

function withCrc(chunk: Buffer): Buffer {
  let crc = -1
  for (const byte of chunk.subarray(4, -4)) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  chunk.writeInt32BE(~crc, chunk.length - 4)
  return chunk
}

function bmpBomb(width: number, height: number): Uint8Array {
  const bytes = Buffer.from(read('rgb.bmp'))
  bytes.writeInt32LE(width, 18)
  bytes.writeInt32LE(height, 22)
  return bytes
}

function gifBomb(width: number, height: number): Uint8Array {
  const bytes = Buffer.from(read('rgb.gif'))
  bytes.writeUInt16LE(width, 6)
  bytes.writeUInt16LE(height, 8)
  return bytes
}

test('every loader of libvips is one that is wanted, or shut', () => {
  const [library] = globSync('node_modules/@img/sharp-libvips-*/lib/libvips-cpp*')
  const names = readFileSync(library!, 'latin1').matchAll(/(?<=\0)VipsForeignLoad(\w+)(?=\0)/g)
  const bases = new Set(Array.from(names, ([, name]) => name!.replace(/(Buffer|File|Source)$/, '')))
  const open = [...bases].filter((name) => !SHUT_LOADERS.includes(name))
  assert.deepEqual(open.sort(), ['Heif', 'Jpeg', 'Png', 'Tiff', 'Webp'])
})

test('a thread that starts shuts nothing that another decodes', async () => {
  const module = JSON.stringify(new URL('./image.ts', import.meta.url).href)
  const picture = read(names.find((name) => name.endsWith('.jpg'))!)
  let starting = true
  const started = (async () => {
    for (let i = 0; i < 8; i++) {
      const worker = new Worker(`import(${module})`, { eval: true })
      await once(worker, 'exit')
    }
    starting = false
  })()
  while (starting) await decodeImage(picture)
  await started
})
