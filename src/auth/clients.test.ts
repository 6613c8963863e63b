// Clients and the admin over a real database; time is a clock that is set.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { decodeJwt, SignJWT } from 'jose'
import { createManualClock } from '../clock.ts'
import { openStores, type Stores } from '../store/stores.ts'
import { bearerToken, createRequireAdmin, requireScope } from './admin.ts'
import { createClients } from './clients.ts'

const KEY = 'a key of more than thirty-two bytes, for the tests'
const clock = createManualClock()
let stores: Stores
before(async () => {
  stores = await openStores({ kind: 'sqlite', file: ':memory:' }, clock)
})
after(() => stores.close())

const openClients = () =>
  createClients({ store: stores.clients, clock, secretKey: KEY, accessTokenMinutes: 30 })
describe('clients', () => {
  it('grants a token of 30 minutes for the right secret', async () => {
    const clients = openClients()
    const client = await clients.add({ name: 'Shop', id: 'shop', secret: 's3cret' })
    assert.deepEqual(client.scopes, ['predict', 'train'])
    const { accessToken, expiresIn, scope } = await clients.grant('shop', 's3cret')
    assert.deepEqual([expiresIn, scope], [1800, 'predict train'])
    assert.equal(clients.peek(accessToken), undefined)
    const principal = await clients.verify(accessToken)
    const expected = { kind: 'client', clientId: 'shop', scopes: ['predict', 'train'] }
    assert.deepEqual(principal, expected)
    assert.deepEqual(clients.peek(accessToken), expected)
    clock.advance(1_801_000)
    assert.equal(clients.peek(accessToken), undefined)
    await assert.rejects(clients.verify(accessToken), { code: 'token.expired' })
    await assert.rejects(clients.grant('shop', 'wrong'), { code: 'client.invalid' })
    await assert.rejects(clients.grant('nobody', 's3cret'), { code: 'client.invalid' })
    assert.ok(!JSON.stringify(await stores.clients.get('shop')).includes('s3cret'))
  })

  it('makes ids and secrets, and refuses odd ones', async () => {
    const clients = openClients()
    const made = await clients.add({ name: 'Toko 🛒' })
    await clients.grant(made.id, made.secret)
    assert.ok(made.secret.length >= 43)
    const codes = async (given: object) =>
      assert.rejects(clients.add({ name: 'x', ...given }), { code: 'input.invalid' })
    await codes({ id: '' })
    await codes({ secret: 'é' })
    await codes({ name: '' })
    await assert.rejects(clients.add({ name: 'x', scopes: ['root'] }), { code: 'scope.invalid' })
    await assert.rejects(clients.add({ name: 'x', id: 'shop' }), { code: 'client.exists' })
  })

  it('grants fewer scopes when asked, never more', async () => {
    const clients = openClients()
    const { id, secret } = await clients.add({ name: 'narrow' })
    const granted = await clients.grant(id, secret, 'predict')
    const principal = await clients.verify(granted.accessToken)
    assert.throws(() => requireScope(principal, 'train'), { code: 'scope.missing' })
    assert.equal(requireScope(principal, 'predict'), principal)
    await assert.rejects(clients.grant(id, secret, 'manage'), { code: 'scope.invalid' })
  })

  it('ends the tokens of a deactivated or rotated client at once, also elsewhere', async () => {
    const [clients, other] = [openClients(), openClients()]
    const { id, secret } = await clients.add({ name: 'ending' })
    const { accessToken } = await clients.grant(id, secret)
    await clients.verify(accessToken)
    await other.verify(accessToken)
    const rotated = await clients.rotate(id)
    await assert.rejects(clients.verify(accessToken), { code: 'token.revoked' })
    other.forgetVerified()
    await assert.rejects(other.verify(accessToken), { code: 'token.revoked' })
    await assert.rejects(clients.grant(id, secret), { code: 'client.invalid' })
    const next = (await clients.grant(id, rotated.secret)).accessToken
    await clients.verify(next)
    assert.equal((await clients.deactivate(id)).active, false)
    assert.equal(clients.peek(next), undefined)
    await assert.rejects(clients.verify(next), { code: 'token.revoked' })
    await assert.rejects(openClients().verify(next), { code: 'token.revoked' })
    await assert.rejects(clients.grant(id, rotated.secret), { code: 'client.invalid' })
  })

  it('does not remember a token that is revoked while it is verified', async () => {
    const clients = openClients()
    const { id, secret } = await clients.add({ name: 'racing' })
    const { accessToken } = await clients.grant(id, secret)
    const verifying = clients.verify(accessToken).catch(() => {})
    await clients.deactivate(id)
    await verifying
    assert.equal(clients.peek(accessToken), undefined)
    await assert.rejects(clients.verify(accessToken), { code: 'token.revoked' })
  })

  it('takes HS256 with its own key, issuer and audience, and nothing else', async () => {
    const clients = openClients()
    const { id, secret } = await clients.add({ name: 'forged' })
    const { accessToken } = await clients.grant(id, secret)
    const claims = decodeJwt(accessToken)
    const key = new TextEncoder().encode(KEY)
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const sign = (alg: string, change: object, by = key) =>
      new SignJWT({ ...claims, ...change }).setProtectedHeader({ alg }).sign(by)
    await clients.verify(await sign('HS256', {}))
    const bad = [
      '',
      'x.y.z',
      `${accessToken.slice(0, -2)}xx`,
      `${encode({ alg: 'none' })}.${encode(claims)}.`,
      await sign('HS512', {}),
      await sign('HS256', {}, new TextEncoder().encode(`${KEY}!`)),
      await sign('HS256', { iss: 'other' }),
      await sign('HS256', { aud: 'users' }),
      await sign('HS256', { nbf: clock.now() / 1000 + 60 }),
      await sign('HS256', { jti: undefined }),
      await sign('HS256', { exp: undefined }),
      await sign('HS256', { gen: '0' }),
    ]
    for (const token of bad) {
      await assert.rejects(clients.verify(token), { code: 'token.invalid' }, token)
    }
  })
})

describe('the admin', () => {
  it('is the admin token or a client with the scope manage', async () => {
    const clients = openClients()
    const requireAdmin = createRequireAdmin('the-admin-token-1', clients)
    assert.deepEqual(await requireAdmin('the-admin-token-1'), { kind: 'admin' })
    await assert.rejects(requireAdmin(undefined), { code: 'token.missing' })
    await assert.rejects(requireAdmin('the-admin-token-2'), { code: 'token.invalid' })
    for (const [scopes, allowed] of [
      [['predict'], false],
      [['manage'], true],
    ] as const) {
      const { id, secret } = await clients.add({ name: 'm', scopes })
      const { accessToken } = await clients.grant(id, secret)
      const asked = requireAdmin(accessToken)
      if (allowed) assert.equal((await asked).kind, 'client')
      else await assert.rejects(asked, { code: 'scope.missing' })
    }
  })

  it('reads Bearer headers', () => {
    assert.equal(bearerToken('Bearer abc'), 'abc')
    assert.equal(bearerToken('bearer  abc '), 'abc')
    for (const header of [undefined, '', 'Bearer', 'Bearer ', 'Basic abc']) {
      assert.equal(bearerToken(header), undefined)
    }
  })
})
