// The old client's calls over real HTTP, with the bundled models.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import {
  assertError,
  type FaceApp,
  type Reply,
  startFaceApp,
} from '../../../test/builders/face-app.ts'
import type { FaceAnswer } from './answer.ts'

const example = await readFile(new URL('../../../examples/face.jpg', import.meta.url))
const faceless = await readFile(new URL('fixtures/none.jpg', import.meta.url))
const NO_IMAGE = 'No image file provided'
const NOT_AN_IMAGE = 'Invalid image file'
let app: FaceApp

before(async () => {
  app = await startFaceApp()
})

after(() => app.close())

function upload(content: Uint8Array, { field = 'image', name = 'a.jpg', to = app } = {}) {
  const file = new File([new Uint8Array(content)], name, { type: 'image/jpeg' })
  return to.postForm('/api/v1/inference', { [field]: file })
}

function assertReal({ status, headers, body }: Reply): void {
  assert.equal(status, 200, JSON.stringify(body))
  const answer = body as FaceAnswer
  assert.equal(answer.prediction, 'real')
  assert.equal(answer.confidence, answer.prob_real)
  assert.ok(answer.prob_real > 0.99 && answer.prob_fake < 0.01)
  assert.equal(answer.threshold_used, 0.5)
  assert.equal(answer.face_found, true)
  assert.equal(headers.get('x-duga-version'), 'v1.0.0')
  assert.ok(headers.get('x-duga-prediction'))
}

test('GET /', async () => {
  const { status, body } = await app.send('/')
  assert.equal(status, 200)
  assert.deepEqual(body, {
    message: 'Face Anti-Spoofing Microservice - Absensi Online',
    status: 'running',
  })
})

test('an uploaded face is judged, with and without a slash, and its temporary file is gone', async () => {
  assertReal(await upload(example))
  assertReal(await app.postForm('/api/v1/inference/', { image: new Blob([example]) }))
  assert.deepEqual(await readdir(app.server.core.home.temporary), [])
})

test('a picture without a face is judged whole, and the answer says so', async () => {
  const { status, body } = await upload(faceless)
  const answer = body as FaceAnswer
  assert.equal(status, 200)
  assert.equal(answer.face_found, false)
  assert.equal(answer.prediction, 'fake')
  assert.equal(answer.confidence, answer.prob_fake)
})

const badUploads: [what: string, call: () => Promise<Reply>, status: number, error?: string][] = [
  ['another field', () => upload(example, { field: 'file' }), 400, NO_IMAGE],
  ['no body', () => app.send('/api/v1/inference', { method: 'POST' }), 400, NO_IMAGE],
  ['JSON', () => app.postJson('/api/v1/inference', {}), 400, NO_IMAGE],
  ['text in its place', () => app.postForm('/api/v1/inference', { image: 'x' }), 400, NO_IMAGE],
  ['nothing chosen', () => upload(new Uint8Array(), { name: '' }), 400, NO_IMAGE],
  ['an empty file', () => upload(new Uint8Array()), 400, NOT_AN_IMAGE],
  ['text', () => upload(Buffer.from('hello')), 400, NOT_AN_IMAGE],
  ['a cut file', () => upload(example.subarray(0, 3000)), 400, NOT_AN_IMAGE],
  [
    'SVG',
    () => upload(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')),
    400,
    NOT_AN_IMAGE,
  ],
  ['17 MiB', () => upload(Buffer.alloc(17 << 20, example)), 413],
]
for (const [what, call, status, error] of badUploads) {
  test(`upload of ${what} ends in ${status}`, async () => {
    assertError(await call(), status, error)
    assert.deepEqual(await readdir(app.server.core.home.temporary), [])
  })
}

test('pictures of an address are fetched and judged; what fails there is 502', async (t) => {
  const upstream = createServer((request, response) => {
    if (request.url?.startsWith('/face.jpg')) response.end(example)
    else if (request.url === '/text') response.end('no picture')
    else if (request.url === '/away') response.writeHead(302, { location: '/face.jpg' }).end()
    else if (request.url === '/loop') response.writeHead(302, { location: '/loop' }).end()
    else if (request.url === '/inside') {
      response.writeHead(302, { location: 'http://169.254.169.254/latest/' }).end()
    } else response.writeHead(404).end()
  }).listen(0, '127.0.0.1')
  await once(upstream, 'listening')
  t.after(() => upstream.close())
  const origin = `http://pictures.test:${(upstream.address() as AddressInfo).port}`
  const fetchFrom = (path: string): Promise<Reply> =>
    app.postJson('/api/v1/inference-url', { url: origin + path })
  assertReal(await fetchFrom('/face.jpg?token=secret'))
  assertReal(await fetchFrom('/away'))
  assertError(await fetchFrom('/text'), 400, NOT_AN_IMAGE)
  assertError(await fetchFrom('/missing'), 502)
  assertError(await fetchFrom('/loop'), 400)
  assertError(await fetchFrom('/inside'), 400)
  const { items } = await app.server.core.stores.history.list('face', { limit: 100 })
  const inputs = items.map(({ input }) => input)
  assert.ok(inputs.includes(`${origin}/face.jpg`), inputs.join())
  assert.ok(!inputs.some((input) => input.includes('secret')))
})

test('addresses that may not be fetched are 400, and so is none', async () => {
  for (const url of [
    'ftp://a.test/x',
    'file:///etc/passwd',
    'http://[::1]/',
    'http://localhost/',
  ]) {
    assertError(await app.postJson('/api/v1/inference-url', { url }), 400)
  }
  for (const body of [{}, { url: '' }, { url: '  ' }, { url: 5 }, { url: null }, [], 'x', null]) {
    assertError(await app.postJson('/api/v1/inference-url', body), 400, 'No URL provided')
  }
})

test('bodies that are no JSON, or endless, get the error in this API’s shape', async () => {
  const headers = { 'content-type': 'application/json' }
  for (const [body, status] of [
    ['{"url":', 400],
    [`{"url":"${'x'.repeat(2 << 20)}"}`, 413],
  ] as const) {
    assertError(await app.send('/api/v1/inference-url', { method: 'POST', headers, body }), status)
  }
})

test('pictures of the upload folder are judged; nothing outside it exists', async () => {
  const folder = join(app.home, 'uploads', 'face')
  await mkdir(join(folder, 'sub'), { recursive: true })
  await writeFile(join(folder, 'sub', 'a b.jpg'), example)
  await writeFile(join(folder, 'text.jpg'), 'text')
  await writeFile(join(app.home, 'outside.jpg'), example)
  await symlink(join(app.home, 'outside.jpg'), join(folder, 'link.jpg'))
  const judge = (filename: unknown): Promise<Reply> => app.postJson('/api/v1/uploads', { filename })
  assertReal(await judge('sub/a b.jpg'))
  assertError(await judge('text.jpg'), 400, NOT_AN_IMAGE)
  const outside = ['link.jpg', '../../outside.jpg', '/etc/passwd', join(app.home, 'outside.jpg')]
  const missing = ['missing.jpg', 'sub', '.', 'sub/a b.jpg\0', 'x'.repeat(5000)]
  for (const filename of [...outside, ...missing]) {
    assertError(await judge(filename), 404, 'File not found')
  }
  for (const filename of [undefined, '', 5]) assertError(await judge(filename), 400)
})

test('unknown paths and methods answer in this API’s shape', async () => {
  assertError(await app.send('/api/v1/nothing'), 404)
  assertError(await app.send('/api/v1/inference'), 405)
})

test('FACE_THRESHOLD moves the line and is named in the answer', async (t) => {
  const strict = await startFaceApp({ FACE_THRESHOLD: '0' })
  t.after(() => strict.close())
  const answer = (await upload(example, { to: strict })).body as FaceAnswer
  assert.equal(answer.prediction, 'fake')
  assert.equal(answer.threshold_used, 0)
  assert.equal(answer.confidence, answer.prob_fake)
})

test('without a model: 503', async () => {
  await app.server.engine.unload('face')
  assertError(await upload(example), 503)
})
