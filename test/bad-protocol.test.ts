// HTTP as no client library would send it: slow, broken off, contradictory, too large. The server answers what can be
// answered, ends the connection, removes what had arrived, and goes on.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, afterEach, before, test } from 'node:test'
import { assertServerIsWell, assertTemporaryIsEmpty } from './bad-input/good-requests.ts'
import { toMultipart } from './bad-input/multipart.ts'
import { headOf, openSocket, type RawAnswer, sendRaw } from './bad-input/raw-request.ts'
import { assertNoLeak, assertRefusal } from './bad-input/refusal.ts'
import { startTestServer, type TestServer } from './builders/test-server.ts'

const UPLOADS = [
  ['/cough/predict', 'file', 'cough.wav', 'audio/wav'],
  ['/face/api/v1/inference', 'image', 'face.jpg', 'image/jpeg'],
  ['/dog/api/predict', 'file', 'dog.jpg', 'image/jpeg'],
] as const
const JSON_ROUTES = ['/vibration/infer', '/face/api/v1/uploads', '/dog/api/login', '/auth/token']
const JSON_TYPE = { 'content-type': 'application/json' }
const LAST = { connection: 'close' }

let server: TestServer

before(async () => {
  server = await startTestServer({ requestTimeoutMs: 1500 })
})
after(() => server.close())
afterEach(() => assertServerIsWell(server))

/** Half of an upload, and how long all of it would be. */
function halfUpload([path, name, file, type]: (typeof UPLOADS)[number]): readonly (
  | string
  | Uint8Array
)[] {
  const content = readFileSync(new URL(`../examples/${file}`, import.meta.url))
  const multipart = toMultipart([{ name, filename: file, type, content }])
  const headers = { 'content-type': multipart.type, 'content-length': multipart.body.length }
  const half = multipart.body.subarray(0, multipart.body.length / 2)
  return [`${headOf('POST', path, headers)}\r\n`, half]
}

/** The body where the route could not be known: it has the field of every contract. */
function assertBroken(answer: RawAnswer | null, status: number, about: string): void {
  assert.ok(answer, `${about}: no answer`)
  assert.equal(answer.status, status, `${about}: ${answer.text}`)
  const body = JSON.parse(answer.text) as Record<string, unknown>
  for (const field of ['detail', 'error', 'message']) assert.equal(typeof body[field], 'string')
  assertNoLeak(answer.text, about)
}

test('a request that does not end is ended: 408', async () => {
  const slow = [
    ...JSON_ROUTES.map((path) => [
      `${headOf('POST', path, { ...JSON_TYPE, 'content-length': 1000 })}\r\n`,
      '{"data": [',
    ]),
    ...UPLOADS.map(halfUpload),
    [headOf('GET', '/health/live')],
    ['GET /health/li'],
    [
      `${headOf('POST', '/vibration/infer', { ...JSON_TYPE, 'transfer-encoding': 'chunked' })}\r\n`,
      '5\r\n{"a"',
    ],
  ]
  const answers = await Promise.all(slow.map((pieces) => sendRaw(server.url, pieces)))
  for (const [i, answer] of answers.entries()) assertBroken(answer, 408, String(slow[i]![0]))
})

test('a byte at a time does not keep a connection alive', async () => {
  const socket = openSocket(server.url)
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  socket.on('error', () => {})
  socket.write(
    `${headOf('POST', '/vibration/infer', { ...JSON_TYPE, 'content-length': 9999 })}\r\n`,
  )
  const drip = setInterval(() => socket.write(' '), 20)
  socket.resume()
  await closed
  clearInterval(drip)
})

test('uploads that break off leave nothing', async () => {
  const half = UPLOADS.map(halfUpload)
  // Orderly, and by a reset in the middle.
  await Promise.all(half.map((pieces) => sendRaw(server.url, pieces, { end: true })))
  for (const pieces of half) {
    const socket = openSocket(server.url)
    for (const piece of pieces) socket.write(piece)
    await new Promise((resolve) => setTimeout(resolve, 20))
    socket.resetAndDestroy()
  }
  await assertTemporaryIsEmpty(server)
})

test('lengths that are not true', async () => {
  for (const path of JSON_ROUTES) {
    const post = (headers: Record<string, string | number>, body: string, options = {}) => {
      const head = headOf('POST', path, { ...JSON_TYPE, ...headers })
      return sendRaw(server.url, [`${head}\r\n`, body], options)
    }
    // Too long: the client has said all, the rest never comes.
    const tooLong = await post({ 'content-length': 1000 }, '{}', { end: true })
    if (tooLong !== null) assertBroken(tooLong, 400, path)
    // Too short: what follows is the next request, and no HTTP.
    const tooShort = await post({ 'content-length': 2 }, '{}{"and":"more"}')
    assert.ok([400, 422].includes(tooShort!.status), `${path}: ${tooShort!.text}`)
    for (const length of ['abc', '-1', '1e3', '99999999999999999999999']) {
      assertBroken(await post({ 'content-length': length }, '{}'), 400, `${path} ${length}`)
    }
    const both = { 'content-length': 2, 'transfer-encoding': 'chunked' }
    assertBroken(await post(both, '2\r\n{}\r\n0\r\n\r\n'), 400, `${path}: two lengths`)
    const chunked = { 'transfer-encoding': 'chunked' }
    const badChunk = await post(chunked, 'zz\r\n{}\r\n0\r\n\r\n')
    assert.equal(badChunk?.status, 400, `${path}: a bad chunk`)
    const large = await post(
      { ...LAST, ...chunked },
      `200000\r\n${' '.repeat(0x20_0000)}\r\n0\r\n\r\n`,
    )
    if (large !== null) assertRefusal(path, large, [413], `${path}: 2 MiB in a chunk`)
  }
})

test('what is not HTTP: 400', async () => {
  const pieces = [
    'hello\r\n\r\n',
    '\0\0\0\0\r\n\r\n',
    '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03',
    'GET /health/live HTTP/9.9\r\n\r\n',
    'FOO /health/live HTTP/1.1\r\nhost: x\r\n\r\n',
    'GET /health/live HTTP/1.1\r\nhost: x\r\nbad header: \0\r\n\r\n',
    'GET /health/live HTTP/1.1\r\nhost: x\r\na: b\rc\r\n\r\n',
    'GET /health/live HTTP/1.1\r\n\r\n',
    'GET  HTTP/1.1\r\nhost: x\r\n\r\n',
  ]
  for (const piece of pieces) {
    const answer = await sendRaw(server.url, [Buffer.from(piece, 'latin1')])
    assert.equal(answer?.status, 400, JSON.stringify(piece))
  }
})

test('heads that are too large: 431', async () => {
  for (const path of ['/health/live', ...JSON_ROUTES]) {
    const head = headOf('POST', path, { ...JSON_TYPE, cookie: 'c'.repeat(20_000) })
    assertBroken(await sendRaw(server.url, [`${head}\r\n`]), 431, path)
    const many = Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`x-header-${i}`, i]))
    assertBroken(await sendRaw(server.url, [`${headOf('GET', path, many)}\r\n`]), 431, path)
  }
})

test('headers that mean something else', async () => {
  const odd: readonly Record<string, string>[] = [
    { 'content-encoding': 'gzip' },
    { 'x-forwarded-for': '127.0.0.1, ::1, garbage', 'x-forwarded-proto': 'javascript' },
    { 'content-type': 'application/json; charset=utf-7' },
    { 'content-type': 'application/json;;;' },
    { 'x-http-method-override': 'DELETE' },
    { range: 'bytes=0-99999999999' },
    { expect: 'nonsense' },
    { upgrade: 'h2c', connection: 'upgrade' },
    { accept: 'application/xml;q=nonsense' },
    { origin: 'null' },
    { host: 'a b' },
  ]
  for (const path of JSON_ROUTES) {
    for (const headers of odd) {
      const head = headOf('POST', path, { ...JSON_TYPE, ...LAST, 'content-length': 2, ...headers })
      const answer = await sendRaw(server.url, [`${head}\r\n{}`])
      const about = `${path} ${JSON.stringify(headers)}: ${answer?.text}`
      assert.ok(answer && answer.status >= 400 && answer.status < 500, about)
      assertNoLeak(answer.text, about)
    }
  }
})

test('addresses in raw bytes', async () => {
  const targets = ['/\xff\xfe', '/cough/\xc3\x28', 'http://example.com/etc', '/a//../b']
  for (const target of targets) {
    const bytes = Buffer.from(`${headOf('GET', target, LAST)}\r\n`, 'latin1')
    const answer = await sendRaw(server.url, [bytes])
    assert.ok(answer && [400, 404].includes(answer.status), `${target}: ${answer?.status}`)
    assertNoLeak(answer.text, target)
  }
})
