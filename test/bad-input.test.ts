// Every route that the server documents is fed with bodies, addresses and methods that it does not want. Each is
// refused with its documented status in the shape of its contract, and the server goes on.
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { BAD_BODIES } from './bad-input/bodies.ts'
import { expectedStatuses } from './bad-input/expected.ts'
import { assertServerIsWell } from './bad-input/good-requests.ts'
import { fillPath, type Operation, readOperations } from './bad-input/operations.ts'
import { headOf, sendRaw } from './bad-input/raw-request.ts'
import { assertNoLeak, assertRefusal, readAnswer } from './bad-input/refusal.ts'
import { startTestServer, type TestServer } from './builders/test-server.ts'

let server: TestServer
let operations: readonly Operation[]
let clientToken: string
let userToken: string

before(async () => {
  server = await startTestServer()
  operations = await readOperations(server.url)
  const { clients, users } = server.server.core
  await users.register('pengguna', 'kata sandi yang panjang')
  userToken = (await users.login('pengguna', 'kata sandi yang panjang')).accessToken
  const { id, secret } = await clients.add({ name: 'Test' })
  clientToken = (await clients.grant(id, secret)).accessToken
})
after(() => server.close())
afterEach(() => assertServerIsWell(server))

const USER_PATHS = ['/dog/api/history/me', '/dog/api/password']

function credentialsFor(path: string): Record<string, string> {
  if (path.startsWith('/manage')) return { authorization: `Bearer ${server.adminToken}` }
  if (USER_PATHS.includes(path)) return { authorization: `Bearer ${userToken}` }
  const needsClient = path.startsWith('/product') && !path.startsWith('/product/auth')
  return needsClient ? { authorization: `Bearer ${clientToken}` } : {}
}

test('bodies', async () => {
  for (const operation of operations.filter(({ method }) => method !== 'GET')) {
    const { method, path, address } = operation
    for (const bad of BAD_BODIES) {
      const response = await fetch(server.url + address, {
        method,
        headers: {
          ...credentialsFor(path),
          ...(bad.type !== null && { 'content-type': bad.type }),
        },
        ...(bad.body !== null && { body: bad.body as NonNullable<RequestInit['body']> }),
      })
      const about = `${method} ${path}, ${bad.name}`
      assertRefusal(path, await readAnswer(response), expectedStatuses(operation, bad), about)
    }
  }
})

test('without a token, or with a wrong one, what needs one is refused', async () => {
  const secured = operations.filter(({ path }) => credentialsFor(path).authorization !== undefined)
  assert.ok(secured.length > 10)
  const wrong = ['', 'Bearer', 'Bearer x', 'Bearer a.b.c', 'Basic eDp5', 'Bearer '.repeat(500)]
  for (const { method, path, address } of secured) {
    for (const authorization of wrong) {
      const response = await fetch(server.url + address, { method, headers: { authorization } })
      assertRefusal(path, await readAnswer(response), [401], `${method} ${path}, ${authorization}`)
    }
  }
})

test('wrong methods: 405 and what is allowed', async () => {
  const paths = new Set(operations.map(({ path }) => path))
  for (const path of paths) {
    const address = operations.find((operation) => operation.path === path)!.address
    const known = operations.filter((one) => one.path === path).map(({ method }) => method)
    for (const method of ['PUT', 'PATCH', 'DELETE', 'GET', 'POST']) {
      if (known.includes(method)) continue
      const response = await fetch(server.url + address, { method, headers: credentialsFor(path) })
      const allowed = response.headers.get('allow')?.split(', ') ?? []
      assertRefusal(path, await readAnswer(response), [405], `${method} ${path}`)
      assert.deepEqual(
        allowed.filter((name) => name !== 'HEAD'),
        known.sort(),
        path,
      )
    }
  }
})

test('unknown addresses: 404', async () => {
  const mounts = ['/cough', '/face', '/dog', '/vibration', '/v2', '/auth', '/manage', '']
  for (const mount of mounts) {
    for (const path of ['nothing', 'a/b/c', '%', '%ff', '%00', '..%2f..%2fetc', '__proto__', 'ü']) {
      const address = `${mount}/${path}`
      const response = await fetch(server.url + address, { headers: credentialsFor(mount) })
      assertRefusal(address, await readAnswer(response), [404], address)
    }
  }
})

const ODD_VALUES = [
  '%',
  '%zz',
  '%ff%fe',
  '%00',
  'a%00b.jpg',
  '..%2f..%2f..%2fetc%2fpasswd',
  '..%5c..%5cwindows',
  '%2e%2e',
  '__proto__',
  'constructor',
  '1e999',
  '-1',
  '99999999999999999999',
  '%F0%9F%90%95',
  "'%20or%201=1;--",
  'a'.repeat(7_000),
]

test('odd values in the address', async () => {
  for (const { method, path } of operations.filter(({ path }) => path.includes('{'))) {
    for (const value of ODD_VALUES) {
      const about = `${method} ${path} with ${value.slice(0, 40)}`
      // By hand: fetch would tidy the dots away. What comes after them is another address.
      const head = headOf(method, fillPath(path, value), {
        ...credentialsFor(path),
        ...(method === 'POST' && { 'content-length': 0 }),
      })
      const answer = await sendRaw(server.url, [`${head}\r\n`])
      assert.ok(answer, about)
      assertRefusal(path, answer, [400, 404, 422], about)
    }
  }
})

const ODD_QUERIES = [
  'limit=abc',
  'limit=0',
  'limit=-1',
  'limit=1e9',
  'limit=1.5',
  'limit=NaN',
  'limit=1&limit=2',
  'cursor=garbage',
  'cursor=%00',
  'cursor=%ff',
  'cursor=eyJhIjoxfQ',
  `cursor=${'a'.repeat(3000)}`,
  'from=yesterday&to=NaN',
  'min_confidence=2',
  'min_confidence=x',
  'before=x',
  'unknown=1',
  '__proto__[limit]=5&constructor[prototype][limit]=5',
  'label=%F0%9F%90%95%00',
]

test('odd queries are refused or mean nothing', async () => {
  const lists = operations.filter(
    ({ method, path }) => method === 'GET' && !path.endsWith('events'),
  )
  for (const { path, address } of lists) {
    for (const query of ODD_QUERIES) {
      const about = `${path}?${query.slice(0, 60)}`
      const url = `${server.url}${address}?${query}`
      const response = await fetch(url, { headers: credentialsFor(path) })
      const answer = await readAnswer(response)
      if (answer.status === 200) assertNoLeak(answer.text.slice(0, 1000), about)
      else assertRefusal(path, answer, [400, 404, 422], about)
    }
  }
  assert.equal(({} as Record<string, unknown>).limit, undefined)
})
