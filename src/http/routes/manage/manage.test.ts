// `/manage` over real HTTP: who may, versions and promotion, the history, accounts, jobs, live events.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { buildCoughModel } from '../../../../test/builders/cough-model.ts'
import { readJson } from '../../../../test/builders/read-json.ts'
import {
  promoteCandidate,
  startTestServer,
  type TestServer,
} from '../../../../test/builders/test-server.ts'
import { createBatch } from '../../../../test/builders/vibration-windows.ts'

let server: TestServer
let admin: Record<string, string>

before(async () => {
  server = await startTestServer()
  admin = { authorization: `Bearer ${server.adminToken}` }
})
after(() => server.close())

async function call(method: string, path: string, body?: unknown) {
  const reply = await fetch(`${server.url}/manage${path}`, {
    method,
    headers: { ...admin, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await reply.text()
  return { status: reply.status, body: text === '' ? null : JSON.parse(text) }
}

test('without the admin token there is nothing to see, and errors are problem details', async () => {
  for (const headers of [{}, { authorization: 'Bearer wrong' }, { authorization: 'Basic YTpi' }]) {
    const reply = await server.get('/manage/services', headers as Record<string, string>)
    assert.equal(reply.status, 401)
    assert.match(reply.headers.get('content-type')!, /^application\/problem\+json/)
    const problem = await readJson(reply)
    assert.equal(problem.status, 401)
    assert.match(problem.type, /^urn:duga:error:token\./)
  }
})

test('services', async () => {
  const { body } = await call('GET', '/services')
  const cough = body.items.find((item: { service: string }) => item.service === 'cough')
  assert.equal(cough.status, 'ready')
  assert.deepEqual(cough.labels, ['cough', 'non-cough'])
  assert.equal((await call('GET', '/services/nosuch')).status, 404)
})

test('versions: list, show, promote, roll back, delete', async () => {
  const first = (await call('GET', '/services/cough/versions')).body.items[0].version
  await promoteCandidate(server.server.core.registry, 'cough', buildCoughModel(8))
  const { body } = await call('GET', '/services/cough/versions')
  assert.equal(body.items.length, 2)
  const [newest] = body.items
  assert.equal(newest.active, true)
  const shown = await call('GET', `/services/cough/versions/${newest.version}`)
  assert.match(shown.body.card, /^# Test model/)
  assert.equal(shown.body.manifest.labels.length, 3)

  assert.equal((await call('DELETE', `/services/cough/versions/${newest.version}`)).status, 409)
  const back = await call('POST', '/services/cough/rollback')
  assert.deepEqual(back.body, { service: 'cough', version: first, active: true })
  assert.equal(server.server.engine.active('cough')?.version, first)
  const again = await call('POST', `/services/cough/versions/${newest.version}/promote`, {})
  assert.equal(again.body.version, newest.version)
  assert.equal(server.server.engine.active('cough')?.version, newest.version)
  assert.equal((await call('DELETE', `/services/cough/versions/${first}`)).status, 204)
  assert.equal((await call('GET', `/services/cough/versions/${first}`)).status, 404)
})

test('predictions: pages, filters, one by its id', async () => {
  const batch = createBatch()
  const ids: string[] = []
  for (let index = 0; index < 5; index += 1) {
    const reply = await server.post('/vibration/infer', batch)
    assert.equal(reply.status, 200)
    ids.push(reply.headers.get('x-duga-prediction')!)
  }
  const first = await call('GET', '/services/vibration/predictions?limit=3')
  assert.equal(first.body.items.length, 3)
  const second = await call(
    'GET',
    `/services/vibration/predictions?limit=3&cursor=${first.body.next}`,
  )
  const seen = [...first.body.items, ...second.body.items].map(({ id }: { id: string }) => id)
  assert.deepEqual(seen, ids.toReversed())
  const one = await call('GET', `/services/vibration/predictions/${ids[0]}`)
  assert.equal(one.body.id, ids[0])
  assert.ok(!Number.isNaN(Date.parse(one.body.timestamp)))
  assert.equal(typeof one.body.answer.reconstruction_error, 'number')
  const none = await call('GET', '/services/vibration/predictions?to=2000-01-01T00:00:00Z')
  assert.deepEqual(none.body, { items: [], next: null })
  for (const query of ['limit=0', 'cursor=x', 'from=yesterday', 'nosuch=1', 'min_confidence=2']) {
    const { status } = await call('GET', `/services/vibration/predictions?${query}`)
    assert.ok(status === 422 || status === 400, `${query}: ${status}`)
  }
})

test('clients: secret once, rotate, deactivate', async () => {
  const made = await call('POST', '/clients', { name: 'Night job', scope: 'manage' })
  assert.equal(made.status, 201)
  const { client_id: id, client_secret: secret } = made.body
  const list = await call('GET', '/clients')
  const listed = list.body.items.find((item: { client_id: string }) => item.client_id === id)
  assert.equal('client_secret' in listed, false)
  const rotated = await call('POST', `/clients/${id}/rotate`)
  assert.notEqual(rotated.body.client_secret, secret)
  assert.equal((await call('DELETE', `/clients/${id}`)).body.active, false)
  assert.equal((await call('DELETE', '/clients/nosuch')).status, 404)
  assert.equal((await call('POST', '/clients', { name: 'x', scope: 'root' })).status, 400)
})

test('users', async () => {
  await server.server.core.users.register('sari', 'kata sandi yang panjang')
  const { body } = await call('GET', '/users')
  assert.equal(body.items[0].username, 'sari')
  assert.equal('password_hash' in body.items[0], false)
  assert.equal((await call('DELETE', `/users/${body.items[0].id}`)).body.active, false)
  assert.equal((await call('DELETE', '/users/12345')).status, 404)
})

test('paths of a training stay inside DUGA_DATA', async () => {
  const outside = await call('POST', '/services/product/training', { data: '../../etc/passwd' })
  assert.equal(outside.body.code, 'path.outside')
  assert.equal((await call('GET', '/jobs/nosuch')).status, 404)
  assert.deepEqual((await call('GET', '/jobs')).body, { items: [], next: null })
})

test('live events', async () => {
  const ended = new AbortController()
  const stream = await fetch(`${server.url}/manage/services/vibration/events`, {
    headers: admin,
    signal: ended.signal,
  })
  assert.match(stream.headers.get('content-type')!, /^text\/event-stream/)
  const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader()
  assert.equal((await reader.read()).value, ':ok\n\n')
  const reply = await server.post('/vibration/infer', createBatch())
  const id = reply.headers.get('x-duga-prediction')!
  let text = ''
  while (!text.includes(id)) text += (await reader.read()).value
  assert.match(text, /event: prediction\ndata: \{/)
  ended.abort()
})

test('metrics count requests, stages, predictions and versions', async () => {
  const text = await (await server.get('/metrics')).text()
  for (const line of [
    /duga_http_requests_total\{service="vibration",method="POST",route="\/vibration\/infer",status="200"\} [1-9]/,
    /duga_stage_duration_seconds_count\{service="vibration",stage="inference"\} [1-9]/,
    /duga_predictions_total\{service="vibration",version="v[\d.]+"\} [1-9]/,
    /duga_active_version_info\{service="cough",version="v[\d.]+"\} 1/,
    /duga_lanes\{state="idle"\}/,
  ]) {
    assert.match(text, line)
  }
})
