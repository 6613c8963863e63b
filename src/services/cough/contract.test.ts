// The old client's calls over real HTTP, with a seeded model that was never trained.
import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { buildCoughModel } from '../../../test/builders/cough-model.ts'
import {
  promoteCandidate,
  startTestServer,
  type TestServer,
} from '../../../test/builders/test-server.ts'

const example = await readFile(new URL('../../../examples/cough.wav', import.meta.url))
let server: TestServer

before(async () => {
  server = await start({})
})

after(() => server.close())

function start(settings: Record<string, string>): Promise<TestServer> {
  return startTestServer({ settings, standalone: 'cough', models: false, bundled: false })
}

interface Upload {
  content?: Uint8Array
  type?: string
  name?: string
  field?: string
  to?: TestServer
}

function post({ content = example, type = 'audio/wav', name = 'a.wav', ...rest }: Upload) {
  const { field = 'file', to = server } = rest
  const body = new FormData()
  body.set(field, new Blob([Uint8Array.from(content)], { type }), name)
  return fetch(`${to.url}/predict`, { method: 'POST', body })
}

async function detailOf(response: Response): Promise<unknown> {
  const body = (await response.json()) as { detail: unknown }
  assert.deepEqual(Object.keys(body), ['detail'])
  return body.detail
}

test('without a model all is checked, then 503', async () => {
  const root = await fetch(`${server.url}/`)
  assert.deepEqual(await root.json(), { status: 'Cough Classifier API is running.' })
  const response = await post({})
  assert.equal(response.status, 503)
  assert.equal(typeof (await detailOf(response)), 'string')
  assert.equal((await post({ type: 'image/png' })).status, 400)
})

test('a recording is classified, and stands in both histories', async () => {
  const { registry } = server.server.core
  const version = await promoteCandidate(registry, 'cough', buildCoughModel())
  const response = await post({ name: 'batuk saya, 1.wav' })
  assert.equal(response.status, 200)
  assert.match(response.headers.get('x-duga-prediction') ?? '', /^[0-9a-f-]{36}$/)
  assert.equal(response.headers.get('x-duga-version'), version.version)
  const body = (await response.json()) as Record<string, string> & {
    raw_scores: Record<string, string>
  }
  assert.deepEqual(Object.keys(body), ['filename', 'prediction', 'confidence', 'raw_scores'])
  assert.equal(body.filename, 'batuk saya, 1.wav')
  assert.deepEqual(Object.keys(body.raw_scores), ['dry', 'non-cough', 'wet'])
  for (const score of Object.values(body.raw_scores)) assert.match(score, /^\d{1,3}\.\d\d%$/)
  assert.equal(body.raw_scores[body.prediction!], body.confidence)

  const history = (await (await fetch(`${server.url}/history/`)).json()) as Record<
    string,
    unknown
  >[]
  assert.equal(history.length, 1)
  const { timestamp, processing_time_sec, ...rest } = history[0]!
  assert.match(String(timestamp), /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/)
  assert.ok(Number(processing_time_sec) > 0)
  assert.deepEqual(Object.keys(rest), ['filename', 'prediction', 'confidence'])
  assert.ok(Math.abs(Number(rest.confidence) * 100 - Number.parseFloat(body.confidence!)) < 0.02)

  const csv = await fetch(`${server.url}/history.csv`)
  assert.match(csv.headers.get('content-type') ?? '', /^text\/csv/)
  const [header, line] = (await csv.text()).split('\r\n')
  assert.equal(header, 'Timestamp,Filename,Prediction,Confidence,Processing_Time_Sec')
  assert.match(line!, /^[\d-]{10} [\d:]{8},"batuk saya, 1\.wav",[a-z-]+,0\.\d{4},\d+\.\d{4}$/)
})

test('every accepted format, whatever its name', async () => {
  const folder = new URL('../../engine/decoders/fixtures/audio/', import.meta.url)
  for (const name of ['s24.wav', 'mp3.mp3', 'vorbis.ogg', 'opus.ogg', 'flac.flac', 'flac.ogg']) {
    const content = await readFile(new URL(name, folder))
    const response = await post({ content, type: 'audio/x-whatever', name: 'x.txt' })
    assert.equal(response.status, 200, name)
  }
  const silence = Uint8Array.from(example.subarray(0, 40_044)).fill(0, 44)
  assert.equal((await post({ content: silence })).status, 200)
})

test('what is no recording gets the documented status, and leaves no file', async () => {
  const m4a = Buffer.alloc(100)
  m4a.write('ftypM4A ', 4, 'latin1')
  const big = Buffer.alloc(5 * 1024 * 1024 + 1)
  example.copy(big)
  const cases: [Upload, number][] = [
    [{ type: 'application/octet-stream' }, 400],
    [{ content: Buffer.alloc(0) }, 400],
    [{ content: Buffer.from('%PDF-1.7 and more of it') }, 400],
    [{ content: example.subarray(0, 8) }, 400],
    [{ content: example.subarray(0, 44) }, 422],
    [{ content: Buffer.from('OggS and nothing that is a page') }, 422],
    [{ content: m4a }, 415],
    [{ content: big }, 413],
  ]
  for (const [upload, status] of cases) {
    const response = await post(upload)
    assert.equal(response.status, status, JSON.stringify(upload).slice(0, 80))
    assert.equal(typeof (await detailOf(response)), 'string')
  }
  assert.equal((await post({ content: big.subarray(0, -1) })).status, 200)
  for (const options of [{ body: '{}', headers: { 'content-type': 'application/json' } }, {}]) {
    const response = await fetch(`${server.url}/predict`, { method: 'POST', ...options })
    assert.equal(response.status, 422)
  }
  const missing = await post({ field: 'audio' })
  assert.equal(missing.status, 422)
  assert.deepEqual(await detailOf(missing), [
    { type: 'missing', loc: ['body', 'file'], msg: 'Field required', input: null },
  ])
  const nowhere = await fetch(`${server.url}/nowhere`)
  assert.deepEqual([nowhere.status, await detailOf(nowhere)], [404, 'Not Found'])
  assert.deepEqual(await readdir(server.server.core.home.temporary), [])
})

test('pages of the usual origins may call', async () => {
  for (const origin of ['http://localhost', 'http://localhost:5173', 'http://localhost:8080']) {
    const { headers } = await fetch(`${server.url}/`, { headers: { origin } })
    assert.equal(headers.get('access-control-allow-origin'), origin)
  }
  const other = await fetch(`${server.url}/`, { headers: { origin: 'http://example.com' } })
  assert.equal(other.headers.get('access-control-allow-origin'), null)
})

test('the eleventh call of a minute is refused; a forwarded address changes nothing', async () => {
  const strict = await start({ HISTORY_PUBLIC: 'false', COUGH_RATE_LIMIT: '10' })
  try {
    for (let i = 0; i < 10; i++) assert.equal((await post({ to: strict })).status, 503)
    const refused = await post({ to: strict })
    assert.equal(refused.status, 429)
    assert.ok(Number(refused.headers.get('retry-after')) >= 1)
    assert.equal(typeof (await detailOf(refused)), 'string')
    const forwarded = await fetch(`${strict.url}/predict`, {
      method: 'POST',
      headers: { 'x-forwarded-for': '203.0.113.9' },
    })
    assert.equal(forwarded.status, 429)
    assert.equal((await fetch(`${strict.url}/history`)).status, 401)
    assert.equal((await fetch(`${strict.url}/history.csv`)).status, 401)
  } finally {
    await strict.close()
  }
})
