// The old client's calls over real HTTP, the retraining in its own process included.
import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { startTestServer, type TestServer } from '../../../test/builders/test-server.ts'

let server: TestServer
let authorization = ''

before(async () => {
  server = await startTestServer({ standalone: 'product', models: false })
  const made = await server.post(
    '/manage/clients',
    { name: 'shop', scope: 'predict train' },
    { authorization: `Bearer ${server.adminToken}` },
  )
  assert.equal(made.status, 201, await made.clone().text())
  const { client_id, client_secret } = (await made.json()) as Record<string, string>
  const reply = await server.post(
    '/auth/token',
    new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: client_id!,
      client_secret: client_secret!,
    }),
  )
  const { access_token, token_type } = (await reply.json()) as Record<string, string>
  assert.equal(token_type, 'bearer')
  authorization = `Bearer ${access_token}`
  await mkdir(join(server.home, 'data'), { recursive: true })
})
after(() => server.close())

const ask = (path: string, body: unknown) => server.post(path, body, { authorization })

test('a name is answered with its category, score, version and twelve guesses', async () => {
  for (const path of ['/predict/', '/predict']) {
    const reply = await ask(path, { product_name: 'susu ultra coklat 250ml' })
    assert.equal(reply.status, 200)
    const answer = (await reply.json()) as Record<string, unknown> & {
      top_predictions: { category: string; score: number }[]
    }
    assert.equal(answer.predicted_category, 'Susu')
    assert.equal(answer.model_version, 'v1.0.0')
    assert.ok(Number(answer.prediction_score) > 0.9 && Number(answer.prediction_score) <= 1)
    assert.equal(answer.top_predictions.length, 12)
    assert.equal(answer.top_predictions[0]!.category, 'Susu')
    const scores = answer.top_predictions.map(({ score }) => score)
    assert.deepEqual(
      scores,
      scores.toSorted((a, b) => b - a),
    )
    assert.equal(reply.headers.get('x-duga-version'), 'v1.0.0')
    assert.ok(reply.headers.get('x-duga-prediction'))
  }
})

test('bad bodies and names without a usable word are 422 with detail', async () => {
  const bodies = [
    ...[{}, [], { product_name: 5 }, { product_name: null }, { product_name: '' }],
    ...[{ product_name: '!!! ---' }, { product_name: 'a' }, { product_name: 'dan' }],
    ...[{ product_name: 'x'.repeat(1001) }, '{"product_name":'],
  ]
  for (const body of bodies) {
    const reply = await server.post('/predict/', body, {
      authorization,
      ...(typeof body === 'string' && { 'content-type': 'application/json' }),
    })
    assert.equal(reply.status, 422, JSON.stringify(body))
    assert.ok('detail' in ((await reply.json()) as object))
  }
})

test('without a token, or with a bad one, 401 with detail, whatever the body', async () => {
  for (const headers of [{}, { authorization: 'Bearer x' }]) {
    const reply = await server.post('/predict/', { nonsense: true }, headers)
    assert.equal(reply.status, 401)
    assert.match(reply.headers.get('www-authenticate') ?? '', /^Bearer/)
    assert.ok('detail' in ((await reply.json()) as object))
  }
})

test('a path outside the data folder, or to nothing, is 422', async () => {
  for (const path of ['../secrets/admin-token', '/etc/passwd', 'data/nothing.csv', '']) {
    const reply = await ask('/training/', { new_data_path: path })
    assert.equal(reply.status, 422, path)
    assert.ok('detail' in ((await reply.json()) as object))
  }
})

test('retraining makes the next version, which serves without a restart', async () => {
  const rows = ['gitar akustik', 'gitar listrik', 'biola 4/4', 'drum elektrik', 'ukulele kayu']
  const csv = `product_name,category\n${rows.map((name) => `${name},Alat Musik`).join('\n')}\n`
  await writeFile(join(server.home, 'data', 'new_training_data.csv'), csv)
  const reply = await ask('/training/', { new_data_path: 'data/new_training_data.csv' })
  assert.equal(reply.status, 200)
  const { job_id, ...started } = (await reply.json()) as Record<string, string>
  assert.deepEqual(started, {
    message: 'Training job started successfully.',
    new_model_version: 'v1.0.1',
    data_path: 'data/new_training_data.csv',
  })
  const job = await finished(job_id!)
  assert.equal(job.status, 'succeeded', JSON.stringify(job))
  const answer = await untilVersion('v1.0.1')
  assert.equal(answer.predicted_category, 'Alat Musik')
})

async function finished(id: string): Promise<Record<string, unknown>> {
  const deadline = AbortSignal.timeout(60_000)
  for (;;) {
    deadline.throwIfAborted()
    const headers = { authorization: `Bearer ${server.adminToken}` }
    const job = (await (await server.get(`/manage/jobs/${id}`, headers)).json()) as Record<
      string,
      unknown
    >
    if (job.status !== 'queued' && job.status !== 'running') return job
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

async function untilVersion(version: string): Promise<Record<string, unknown>> {
  const deadline = AbortSignal.timeout(10_000)
  for (;;) {
    deadline.throwIfAborted()
    const reply = await ask('/predict/', { product_name: 'gitar akustik yamaha' })
    const answer = (await reply.json()) as Record<string, unknown>
    if (answer.model_version === version) return answer
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
