// Users over a real database; time is a clock that is set.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { decodeJwt } from 'jose'
import { createManualClock } from '../clock.ts'
import { openStores, type Stores } from '../store/stores.ts'
import { createLockout } from './lockout.ts'
import { createUsers } from './users.ts'

const KEY = 'a key of more than thirty-two bytes, for the tests'
const DAY = 86_400_000
const clock = createManualClock()
let stores: Stores
before(async () => {
  stores = await openStores({ kind: 'sqlite', file: ':memory:' }, clock)
})
after(() => stores.close())

const openUsers = () =>
  createUsers({
    store: stores.users,
    revocations: stores.revocations,
    lockout: createLockout(stores.loginFailures, clock),
    clock,
    jwtSecretKey: KEY,
  })

describe('users', () => {
  it('registers and logs in, whatever the case of the name', async () => {
    const users = openUsers()
    const user = await users.register('Budi', 'kucing-hitam')
    await assert.rejects(users.register('budi', 'kucing-hitam'), { code: 'user.exists' })
    const { accessToken, refreshToken } = await users.login('BUDI', 'kucing-hitam')
    const principal = await users.verify(accessToken)
    assert.deepEqual(principal, { kind: 'user', userId: user.id, fresh: true })
    const { exp, iat, type, fresh, sub } = decodeJwt(accessToken)
    assert.deepEqual(
      [exp! - iat!, type, fresh, sub],
      [(3 * DAY) / 1000, 'access', true, String(user.id)],
    )
    await assert.rejects(users.verify(refreshToken), { code: 'token.invalid' })
    await assert.rejects(users.login('budi', 'kucing'), { code: 'user.invalid' })
    await assert.rejects(users.login('nobody', 'kucing-hitam'), { code: 'user.invalid' })
  })

  it('lets in whose password Werkzeug hashed, and hashes it anew', async () => {
    const users = openUsers()
    const hash =
      'pbkdf2:sha256:1000$garam$de79a444a5ca0ce6f314e2b0a7df6ea7459f4e5ddf12af0fd7684964fec02c6b'
    const user = await stores.users.add('old', hash)
    await assert.rejects(users.login('old', 'kucing'), { code: 'user.invalid' })
    assert.equal((await stores.users.get(user.id))?.passwordHash, hash)
    const { accessToken } = await users.login('old', 'kucing-hitam')
    assert.match((await stores.users.get(user.id))!.passwordHash, /^\$argon2id\$/)
    await users.login('old', 'kucing-hitam')
    assert.equal((await users.verify(accessToken)).userId, user.id)
  })

  it('gives a token that is not fresh for a refresh token', async () => {
    const users = openUsers()
    await users.register('refresher', 'kucing-hitam')
    const pair = await users.login('refresher', 'kucing-hitam')
    clock.advance(4 * DAY)
    await assert.rejects(users.verify(pair.accessToken), { code: 'token.expired' })
    await assert.rejects(users.refresh(pair.accessToken), { code: 'token.expired' })
    const { accessToken } = await users.refresh(pair.refreshToken)
    assert.equal((await users.verify(accessToken)).fresh, false)
    await assert.rejects(users.verify(accessToken, { fresh: true }), { code: 'token.not-fresh' })
    await assert.rejects(users.refresh(accessToken), { code: 'token.invalid' })
  })

  it('ends one token at logout, for good', async () => {
    const users = openUsers()
    await users.register('leaver', 'kucing-hitam')
    const [one, two] = [
      await users.login('leaver', 'kucing-hitam'),
      await users.login('leaver', 'kucing-hitam'),
    ]
    await users.verify(one.accessToken)
    await users.logout(one.accessToken)
    for (const after of [users, openUsers()]) {
      await assert.rejects(after.verify(one.accessToken), { code: 'token.revoked' })
      await assert.rejects(after.logout(one.accessToken), { code: 'token.revoked' })
      await after.verify(two.accessToken)
    }
    await users.logout(two.refreshToken)
    await assert.rejects(users.refresh(two.refreshToken), { code: 'token.revoked' })
  })

  it('ends all tokens when the password changes or the user is deactivated', async () => {
    const users = openUsers()
    const { id } = await users.register('changer', 'kucing-hitam')
    const { accessToken, refreshToken } = await users.login('changer', 'kucing-hitam')
    const fresh = await users.verify(accessToken)
    const stale = { ...fresh, fresh: false }
    const change = (who: typeof fresh, from: string, to: string) =>
      users.changePassword(who, from, to)
    await assert.rejects(change(stale, 'kucing-hitam', 'anjing-putih'), { code: 'token.not-fresh' })
    await assert.rejects(change(fresh, 'wrong', 'anjing-putih'), { code: 'user.invalid' })
    await assert.rejects(change(fresh, 'kucing-hitam', 'short'), { code: 'password.weak' })
    await change(fresh, 'kucing-hitam', 'anjing-putih')
    await assert.rejects(users.verify(accessToken), { code: 'token.revoked' })
    await assert.rejects(users.refresh(refreshToken), { code: 'token.revoked' })
    const next = await users.login('changer', 'anjing-putih')
    await users.deactivate(id)
    await assert.rejects(users.verify(next.accessToken), { code: 'token.revoked' })
    await assert.rejects(users.login('changer', 'anjing-putih'), { code: 'user.invalid' })
  })

  it('locks a name after five failures, for longer each time, whether it exists or not', async () => {
    const users = openUsers()
    await users.register('target', 'kucing-hitam')
    for (const name of ['target', 'unknown-name']) {
      const tries = await Promise.allSettled(
        Array.from({ length: 8 }, () => users.login(name, 'guess')),
      )
      const codes = tries.map((one) => one.status === 'rejected' && one.reason.code)
      assert.deepEqual(codes, [...Array(5).fill('user.invalid'), ...Array(3).fill('user.locked')])
      await assert.rejects(users.login(name, 'kucing-hitam'), { retryAfter: 15 })
      clock.advance(15_000)
      await assert.rejects(users.login(name, 'guess'), { code: 'user.invalid' })
      await assert.rejects(openUsers().login(name, 'guess'), { retryAfter: 30 })
    }
    clock.advance(30_000)
    await users.login('target', 'kucing-hitam')
    await assert.rejects(users.login('target', 'guess'), { code: 'user.invalid' })
  })

  it('refuses odd names and weak passwords', async () => {
    const users = openUsers()
    for (const name of ['ab', 'a b c', 'é'.repeat(5), 'x'.repeat(81), '../etc']) {
      await assert.rejects(users.register(name, 'kucing-hitam'), { code: 'username.invalid' })
    }
    const weak = ['1234567', '12345678', 'aaaaaaaa', 'password', 'namesake', 'x'.repeat(129)]
    for (const password of weak) {
      await assert.rejects(users.register('namesake', password), { code: 'password.weak' })
    }
    await users.register('nama.saya@toko_1', 'sandi panjang 🐈')
    await users.login('nama.saya@toko_1', 'sandi panjang 🐈')
  })
})
