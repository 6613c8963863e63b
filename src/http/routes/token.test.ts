// The token endpoint as RFC 6749 has it, over real HTTP.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { readJson } from '../../../test/builders/read-json.ts'
import { startTestServer, type TestServer } from '../../../test/builders/test-server.ts'

const ID = 'toko-contoh'
const SECRET = 'rahasia: 100% panjang+kuat'
let server: TestServer

before(async () => {
  server = await startTestServer({ bundled: false, models: false })
  await server.server.core.clients.add({ name: 'Toko', id: ID, secret: SECRET })
})
after(() => server.close())

function ask(
  form: Record<string, string> | [string, string][],
  headers: Record<string, string> = {},
) {
  return server.post('/auth/token', new URLSearchParams(form), headers)
}

const grant = { grant_type: 'client_credentials' }

test('form credentials give a bearer token', async () => {
  const reply = await ask({ ...grant, client_id: ID, client_secret: SECRET })
  assert.equal(reply.status, 200)
  assert.equal(reply.headers.get('cache-control'), 'no-store')
  const { access_token: token, ...rest } = await readJson(reply)
  assert.deepEqual(rest, { token_type: 'bearer', expires_in: 1800, scope: 'predict train' })
  assert.equal((await server.server.core.clients.verify(token)).clientId, ID)
})

test('Basic credentials: form-encoded halves, and as curl -u sends them', async () => {
  for (const pair of [`${encodeURIComponent(ID)}:${encodeURIComponent(SECRET)}`]) {
    const authorization = `Basic ${Buffer.from(pair).toString('base64')}`
    assert.equal((await ask(grant, { authorization })).status, 200)
  }
})

test('a scope is granted as asked, an unknown one refused', async () => {
  const narrow = await ask({ ...grant, client_id: ID, client_secret: SECRET, scope: 'predict' })
  assert.equal((await readJson(narrow)).scope, 'predict')
  const wide = await ask({ ...grant, client_id: ID, client_secret: SECRET, scope: 'manage' })
  assert.equal(wide.status, 400)
  assert.equal((await readJson(wide)).error, 'invalid_scope')
})

test('wrong credentials: 401, invalid_client, and how to log in', async () => {
  for (const [id, secret] of [
    [ID, 'wrong'],
    ['nobody', SECRET],
  ]) {
    const reply = await ask({ ...grant, client_id: id!, client_secret: secret! })
    assert.equal(reply.status, 401)
    assert.match(reply.headers.get('www-authenticate')!, /^Basic realm=/)
    assert.equal((await readJson(reply)).error, 'invalid_client')
  }
})

test('requests that are no such grant', async () => {
  const cases: [[string, string][], string][] = [
    [[], 'invalid_request'],
    [
      [
        ['client_id', ID],
        ['client_secret', SECRET],
      ],
      'invalid_request',
    ],
    [
      [
        ['grant_type', 'password'],
        ['client_id', ID],
        ['client_secret', SECRET],
      ],
      'unsupported_grant_type',
    ],
    [
      [
        ['grant_type', 'client_credentials'],
        ['client_id', ID],
        ['client_id', ID],
        ['client_secret', SECRET],
      ],
      'invalid_request',
    ],
  ]
  for (const [form, error] of cases) {
    const reply = await ask(form)
    assert.equal(reply.status, 400, JSON.stringify(form))
    assert.equal((await readJson(reply)).error, error)
  }
})

test('the same route stands under the prefix of the product service', async () => {
  const form = new URLSearchParams({ ...grant, client_id: ID, client_secret: SECRET })
  assert.equal((await server.post('/product/auth/token', form)).status, 200)
})

test('deactivating a client ends its tokens at once', async () => {
  const made = await server.server.core.clients.add({ name: 'Short', scopes: ['manage'] })
  const form = { ...grant, client_id: made.id, client_secret: made.secret }
  const { access_token: token } = await readJson(ask(form))
  const headers = { authorization: `Bearer ${token}` }
  assert.equal((await server.get('/manage/services', headers)).status, 200)
  await server.server.core.clients.deactivate(made.id)
  assert.equal((await server.get('/manage/services', headers)).status, 401)
  assert.equal((await ask(form)).status, 401)
})
