// Every route that takes a file is fed with files that are none, are damaged or are too much, and with forms that are
// broken. Each is refused in the shape of its contract, the process lives, and no temporary file stays.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, afterEach, before, test } from 'node:test'
import {
  bitFlips,
  endlessFlac,
  endlessWav,
  type HostileFile,
  largeHeaders,
  oddWavs,
  PICTURES,
  pngBomb,
  SOUNDS,
  truncations,
} from './bad-input/files.ts'
import { assertServerIsWell } from './bad-input/good-requests.ts'
import { type Part, toMultipart } from './bad-input/multipart.ts'
import { assertRefusal, readAnswer } from './bad-input/refusal.ts'
import { startTestServer, type TestServer } from './builders/test-server.ts'

interface Target {
  readonly path: string
  readonly field: string
  readonly type: string
  readonly maxBytes: number
  /** A file that is answered. */
  readonly good: Uint8Array
  readonly missing: number
  /** What the decoder may say of a damaged file; 200 where it still finds something in it. */
  readonly damaged: readonly number[]
}

const MiB = 1024 * 1024
const example = (name: string): Uint8Array =>
  readFileSync(new URL(`../examples/${name}`, import.meta.url))

const SOUND: Target = {
  path: '/cough/predict',
  field: 'file',
  type: 'audio/wav',
  maxBytes: 5 * MiB,
  good: example('cough.wav'),
  missing: 422,
  damaged: [200, 400, 415, 422],
}
const FACE: Target = {
  path: '/face/api/v1/inference',
  field: 'image',
  type: 'image/jpeg',
  maxBytes: 16 * MiB,
  good: example('face.jpg'),
  missing: 400,
  damaged: [200, 400, 413],
}
const DOG: Target = {
  ...FACE,
  path: '/dog/api/predict',
  field: 'file',
  good: example('dog.jpg'),
}
const TARGETS = [SOUND, FACE, DOG]

let server: TestServer

before(async () => {
  server = await startTestServer({ settings: { DUGA_LANES: '2' } })
})
after(() => server.close())
afterEach(() => assertServerIsWell(server))

async function send(
  target: Target,
  parts: readonly Part[],
  expected: readonly number[],
  about: string,
  options: Parameters<typeof toMultipart>[1] = {},
): Promise<void> {
  const { body, type } = toMultipart(parts, options)
  const response = await server.post(target.path, body, { 'content-type': type })
  const answer = await readAnswer(response)
  const shown = `${target.path}, ${about}`
  if (answer.status === 200 && expected.includes(200)) return
  assertRefusal(target.path, answer, expected, shown)
}

function sendFile(
  target: Target,
  { name, bytes }: HostileFile,
  expected: readonly number[],
): Promise<void> {
  const { field, type } = target
  return send(target, [{ name: field, filename: 'a.bin', type, content: bytes }], expected, name)
}

test('what is no such file', async () => {
  const none: readonly HostileFile[] = [
    { name: 'an empty file', bytes: Buffer.alloc(0) },
    { name: 'one byte', bytes: Buffer.alloc(1) },
    { name: 'zeros', bytes: Buffer.alloc(100_000) },
    { name: 'text', bytes: Buffer.from('hello\n'.repeat(100)) },
    { name: 'PDF', bytes: Buffer.from('%PDF-1.7\n') },
    { name: 'SVG', bytes: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>') },
    { name: 'ZIP', bytes: Buffer.from('PK\x03\x04'.padEnd(100, '\0'), 'latin1') },
    { name: 'ELF', bytes: Buffer.from('\x7fELF'.padEnd(100, '\0'), 'latin1') },
  ]
  for (const target of TARGETS) {
    for (const file of none) await sendFile(target, file, [400])
    const other = target === SOUND ? PICTURES : SOUNDS
    for (const file of other) await sendFile(target, file, [400])
  }
})

test('real files cut short', async () => {
  for (const target of TARGETS) {
    for (const file of (target === SOUND ? SOUNDS : PICTURES).flatMap(truncations)) {
      await sendFile(target, file, target.damaged)
    }
  }
})

test('real files with flipped bits', async () => {
  for (const target of TARGETS) {
    const files = (target === SOUND ? SOUNDS : PICTURES).flatMap((file) => [
      ...bitFlips(file, { copies: 3, flips: 2, seed: 11 }),
      ...bitFlips(file, { copies: 3, flips: 24, seed: 12 }),
    ])
    await Promise.all(files.map((file) => sendFile(target, file, target.damaged)))
  }
})

test('more than fits: pixels, hours, bytes', async () => {
  for (const target of [FACE, DOG]) {
    await sendFile(target, pngBomb(), [413])
    for (const file of largeHeaders()) await sendFile(target, file, [400, 413])
  }
  // What is there is judged, whatever the header promises.
  await sendFile(SOUND, endlessWav(), [200])
  await sendFile(SOUND, endlessFlac(), [200])
  await sendFile(SOUND, { name: 'a bare header', bytes: endlessWav().bytes.subarray(0, 44) }, [422])
  for (const file of oddWavs()) await sendFile(SOUND, file, [200, 422])
  for (const target of TARGETS) {
    const bytes = new Uint8Array(target.maxBytes + 1)
    bytes.set(target.good)
    await sendFile(target, { name: 'one byte more than allowed', bytes }, [413])
  }
})

test('forms', async () => {
  for (const target of TARGETS) {
    const { field: name, type, good: content, missing } = target
    const file: Part = { name, filename: 'a.bin', type, content }
    const to = (parts: readonly Part[], expected: readonly number[], about: string) =>
      send(target, parts, expected, about)
    await to([], [missing, 400], 'no parts')
    await to([{ ...file, name: 'other' }], [missing], 'another field')
    await to([{ name, content: 'text' }], [missing, 400], 'a text instead of a file')
    await to([file, { ...file, content: Buffer.from('second') }], [200], 'the field twice')
    await to([{ name: 'note', content: 'x' }, file, { name: 'note', content: 'y' }], [200], 'notes')
    await to([{ name: 'note', content: 'x'.repeat(10 * MiB) }, file], [200, 400, 413], '10 MB')
    await to(Array(200).fill({ name: 'a', content: 'b' }), [400, 413, missing], '200 fields')
    await to(Array(50).fill({ ...file, name: 'b' }), [400, 413, missing], '50 files')
    for (const key of ['__proto__', 'constructor', 'toString', '']) {
      const parts = [{ name: key, content: 'x' }, file]
      await to(parts, [200, 400], `a field named "${key}"`)
    }
    const broken = { unfinished: true }
    await send(target, [file], [400], 'no closing boundary', broken)
    await send(target, [file], [400, missing], 'another boundary', { announced: 'other' })
    await send(target, [file], [400], 'an empty boundary', { announced: '' })
  }
  assert.equal(({} as Record<string, unknown>).x, undefined)
})

test('names', async () => {
  const names = [
    '../../../../etc/passwd',
    '..\\..\\windows\\win.ini',
    '/etc/passwd',
    'a\0.jpg',
    'anjing 🐕 ñ.jpg',
    '\u202egpj.exe',
    `${'n'.repeat(3000)}.jpg`,
    '.',
    '"; filename="b.jpg',
    '<img src=x onerror=alert(1)>.jpg',
    '%2e%2e%2fa.jpg',
    '__proto__',
  ]
  for (const { field: name, type, good: content, ...target } of TARGETS) {
    const whole = { type, good: content, field: name, ...target }
    for (const filename of names) {
      await send(whole, [{ name, filename, type, content }], [200, 400], `named ${filename}`)
    }
    const latin = [{ name, filename: 'caf\xe9.jpg', type, content }]
    await send(whole, latin, [200, 400], 'a name that is not UTF-8', { encoding: 'latin1' })
  }
  const history = (await (await server.get('/dog/api/history')).json()) as { image_url: string }[]
  for (const { image_url: url } of history) {
    assert.match(url, /^\/static\/history_images\/\d{14}_[0-9a-f]{8}_[\w.-]+$/)
    assert.equal((await server.get(url)).status, 200, url)
  }
})
