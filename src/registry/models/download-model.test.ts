import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { DugaError } from '../../errors.ts'
import { type Download, downloadModel } from './download-model.ts'

const body = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 251))
const sha256 = createHash('sha256').update(body).digest('hex')

type Handler = (request: IncomingMessage, response: ServerResponse, count: number) => void

/** A file server on the loopback, and a path to download to. */
async function setUp(t: TestContext, handler: Handler) {
  const ranges: (string | undefined)[] = []
  const server = createServer((request, response) => {
    ranges.push(request.headers.range)
    handler(request, response, ranges.length)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const folder = mkdtempSync(join(tmpdir(), 'duga-download-'))
  t.after(() => {
    server.closeAllConnections()
    server.close()
    rmSync(folder, { recursive: true })
  })
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/model`
  const download: Download = { name: 'model', addresses: [address], sha256, bytes: body.length }
  return { ranges, download, address, to: join(folder, 'sub', 'model.onnx') }
}

const whole: Handler = (_, response) => {
  response.end(body)
}

/**
 * Answers ranges; the first `cuts` answers send half of what was asked for, and end where `cut` is
 * called.
 */
function cutting(cuts: number): { handler: Handler; cut: () => void } {
  let held: ServerResponse | null = null
  const handler: Handler = (request, response, count) => {
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
    const rest = body.subarray(start)
    const range = { 'content-range': `bytes ${start}-${body.length - 1}/${body.length}` }
    response.writeHead(start > 0 ? 206 : 200, {
      'content-length': rest.length,
      ...(start > 0 && range),
    })
    if (count > cuts) {
      response.end(rest)
      return
    }
    held = response
    response.write(rest.subarray(0, rest.length >> 1))
  }
  return { handler, cut: () => held?.destroy() }
}

const failsWith =
  (code: string, message = /./) =>
  (error: unknown): boolean =>
    error instanceof DugaError && error.code === code && message.test(error.message)

test('fetches, tells progress, verifies and renames; the second time it is there', async (t) => {
  const { download, to, ranges } = await setUp(t, whole)
  const seen: [number, number][] = []
  const onProgress = (received: number, total: number): unknown => seen.push([received, total])
  assert.equal(await downloadModel(download, { to, onProgress }), to)
  assert.deepEqual(readFileSync(to), body)
  assert.ok(!existsSync(`${to}.part`))
  assert.deepEqual(seen.at(-1), [body.length, body.length])
  await downloadModel(download, { to })
  assert.equal(ranges.length, 1)
})

test('goes on after cut connections, from where it was', async (t) => {
  const { handler, cut } = cutting(2)
  const { download, to, ranges } = await setUp(t, handler)
  await downloadModel(download, { to, pause: 0, onProgress: cut })
  assert.deepEqual(readFileSync(to), body)
  assert.equal(ranges.length, 3)
  assert.equal(ranges[0], undefined)
  assert.ok(Number(ranges[2]!.slice(6, -1)) > Number(ranges[1]!.slice(6, -1)))
})

test('what came stays for the next command', async (t) => {
  const { handler, cut } = cutting(1)
  const { download, to, ranges } = await setUp(t, handler)
  await assert.rejects(
    downloadModel(download, { to, attempts: 1, onProgress: cut }),
    failsWith('download.failed', /cut|closed|terminated/),
  )
  assert.ok(existsSync(`${to}.part`) && !existsSync(to))
  await downloadModel(download, { to })
  assert.match(ranges[1]!, /^bytes=\d+-$/)
  assert.deepEqual(readFileSync(to), body)
})

test('a server that knows no ranges sends all again', async (t) => {
  const { handler, cut } = cutting(1)
  const { download, to, ranges } = await setUp(t, (request, response, count) => {
    if (count === 1) handler(request, response, count)
    else response.end(body)
  })
  await downloadModel(download, { to, pause: 0, onProgress: cut })
  assert.match(ranges[1]!, /^bytes=\d+-$/)
  assert.deepEqual(readFileSync(to), body)
})

test('wrong bytes are deleted, and the next address is tried', async (t) => {
  const wrong = Buffer.from(body)
  wrong[500]! ^= 1
  const { download, to, address } = await setUp(t, (request, response) => {
    response.end(request.url === '/good' ? body : wrong)
  })
  await assert.rejects(downloadModel(download, { to }), failsWith('download.mismatch', /SHA-256/))
  assert.ok(!existsSync(to) && !existsSync(`${to}.part`))
  const addresses = [address, new URL('/good', address).href]
  await downloadModel({ ...download, addresses }, { to })
  assert.deepEqual(readFileSync(to), body)
})

test('a damaged file under the final name is fetched anew', async (t) => {
  const { download, to, ranges } = await setUp(t, whole)
  await downloadModel(download, { to })
  writeFileSync(to, Buffer.alloc(body.length))
  await downloadModel(download, { to })
  assert.deepEqual(readFileSync(to), body)
  assert.equal(ranges.length, 2)
})

test('refusals are final, and name what the server said', async (t) => {
  const { download, to, ranges } = await setUp(t, (_, response) => {
    response.writeHead(404).end()
  })
  await assert.rejects(
    downloadModel(download, { to }),
    failsWith('download.failed', /answered 404/),
  )
  assert.equal(ranges.length, 1)
})

test('a body larger than stated is not taken in', async (t) => {
  const { download, to } = await setUp(t, (_, response) => {
    response.end(Buffer.alloc(body.length * 2))
  })
  await assert.rejects(
    downloadModel(download, { to }),
    failsWith('download.failed', /larger than stated/),
  )
  assert.ok(!existsSync(to))
})

test('a server that goes silent is given up, and the caller can give up', async (t) => {
  const { download, to } = await setUp(t, (_, response) => {
    response.write(body.subarray(0, 10))
  })
  await assert.rejects(
    downloadModel(download, { to, attempts: 1, patience: 50 }),
    failsWith('download.failed', /no data came/),
  )
  const controller = new AbortController()
  const promise = downloadModel(download, {
    to,
    signal: controller.signal,
    onProgress: () => controller.abort(new Error('enough')),
  })
  await assert.rejects(promise, /enough/)
})

test('without a hash it is resumed only while the server says that it is the same file', async (t) => {
  let version = '"one"'
  const { handler, cut } = cutting(1)
  const { download, to, ranges } = await setUp(t, (request, response, count) => {
    response.setHeader('etag', version)
    const same =
      request.headers['if-range'] === undefined || request.headers['if-range'] === version
    if (same) handler(request, response, count)
    else response.end(body)
  })
  const unknown = { ...download, sha256: null, bytes: null }
  await assert.rejects(downloadModel(unknown, { to, attempts: 1, onProgress: cut }))
  await downloadModel(unknown, { to })
  assert.match(ranges[1]!, /^bytes=\d+-$/)
  assert.deepEqual(readFileSync(to), body)
  rmSync(to)
  writeFileSync(`${to}.part`, body.subarray(0, 10))
  writeFileSync(`${to}.part.tag`, '"zero"')
  version = '"two"'
  await downloadModel(unknown, { to })
  assert.deepEqual(readFileSync(to), body)
  assert.ok(!existsSync(`${to}.part.tag`))
})
