// Users of the dog API: registration, tokens and the old words where a token does not do.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, describe, test } from 'node:test'
import { type DogClient, PASSWORD, startDogClient } from '../../../test/builders/dog-client.ts'

const picture = await readFile(
  new URL('../../engine/decoders/fixtures/images/rgb.jpg', import.meta.url),
)

let dog: DogClient

async function history(path: string, token: string): Promise<Record<string, unknown>[]> {
  const { status, body } = await dog.call(path, { token })
  assert.equal(status, 200)
  return body as unknown as Record<string, unknown>[]
}

describe('users', () => {
  before(async () => {
    dog = await startDogClient()
  })
  after(() => dog.close())

  test('a valid token names the user; a bad one means a guest', async () => {
    const { access_token: token } = await dog.newUser('siti')
    await dog.predict(picture, { token })
    const [own] = await history('/api/history', token)
    assert.equal(typeof own?.user_id, 'number')
    assert.deepEqual(
      (await history('/api/history/me', token)).map(({ id }) => id),
      [own?.id],
    )
    assert.equal((await dog.predict(picture, { token: 'no.such.token' })).status, 200)
    assert.equal((await history('/api/history', token))[0]?.user_id, null)
  })

  test('tokens: missing, malformed, not fresh, revoked', async () => {
    const message = async (path: string, token?: string, method = 'GET') => {
      const { status, body } = await dog.call(path, {
        method,
        ...(token !== undefined && { token }),
      })
      assert.equal(status, 401)
      assert.equal(body.error, undefined)
      return body.message
    }
    const missing = 'Token akses hilang atau tidak valid. Mohon login.'
    const invalid = 'Token akses tidak valid atau telah kadaluarsa. Mohon login kembali.'
    assert.equal(await message('/api/history/me'), missing)
    assert.equal(await message('/api/history/me', 'abc'), invalid)
    const tokens = await dog.newUser('budi')
    const refreshed = await dog.call('/api/refresh', {
      method: 'POST',
      token: tokens.refresh_token,
    })
    assert.equal(refreshed.status, 200)
    const stale = String(refreshed.body.access_token)
    const change = { password: PASSWORD, new_password: 'ayam-bebek-9932' }
    const refused = await dog.post('/api/password', change, stale)
    assert.equal(refused.status, 401)
    assert.equal(refused.body.message, 'Token segar diperlukan untuk mengakses rute ini.')
    const out = await dog.call('/api/logout', { method: 'POST', token: stale })
    assert.equal(out.status, 200)
    assert.equal(await message('/api/history/me', stale), 'Token akses telah dicabut.')
    assert.equal((await dog.post('/api/password', change, tokens.access_token)).status, 200)
    const again = { username: 'budi', password: 'ayam-bebek-9932' }
    assert.equal((await dog.post('/api/login', again)).status, 200)
  })

  test('accounts refuse what cannot be one', async () => {
    assert.equal((await dog.post('/api/register', { username: 'x' })).status, 400)
    assert.equal((await dog.post('/api/login', { username: 1, password: 2 })).status, 400)
    const account = { username: 'sari', password: PASSWORD }
    assert.equal((await dog.post('/api/register', account)).status, 201)
    assert.equal((await dog.post('/api/register', account)).status, 409)
    assert.equal((await dog.post('/api/login', { ...account, password: 'salah' })).status, 401)
  })
})

describe('a closed history', () => {
  before(async () => {
    dog = await startDogClient({ model: false, environment: { HISTORY_PUBLIC: 'false' } })
  })
  after(() => dog.close())

  test('asks for a token of a user', async () => {
    assert.equal((await dog.call('/api/history')).status, 401)
    assert.equal((await dog.call('/history.csv')).status, 401)
    const { access_token: token } = await dog.newUser('rina')
    assert.deepEqual(await history('/api/history', token), [])
  })
})
