// Users, clients, tokens and settings as every database must keep them.
import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { createManualClock } from '../../src/clock.ts'
import { watchRevisions } from '../../src/store/revisions.ts'
import type { Stores } from '../../src/store/stores.ts'
import { T0 } from './samples.ts'

export function accountContract(
  stores: () => Stores,
  clock: ReturnType<typeof createManualClock>,
): void {
  it('keeps users apart by name whatever its case', async () => {
    const { users } = stores()
    const user = await users.add('Budi', 'one')
    await assert.rejects(users.add('bUDI', 'two'), { code: 'user.exists' })
    assert.deepEqual(await users.find('BUDI'), user)
    assert.deepEqual(await users.get(user.id), user)
    assert.equal(await users.find('nobody'), null)
    const changed = await users.setPassword(user.id, 'three')
    assert.deepEqual(changed, { ...user, passwordHash: 'three', generation: 1 })
    assert.equal((await users.setActive(user.id, false)).active, false)
    await assert.rejects(users.setActive(987_654, false), { code: 'user.unknown' })
    const page = await users.list({ after: user.id - 1, limit: 1 })
    assert.deepEqual(
      page.map(({ id }) => id),
      [user.id],
    )
  })

  it('keeps clients', async () => {
    const { clients } = stores()
    const given = { id: 'shop', name: 'Shop', secretHash: 'h', scopes: ['predict', 'train'] }
    const client = await clients.add(given)
    assert.deepEqual(client, { ...given, active: true, generation: 0, created: clock.now() })
    await assert.rejects(clients.add(given), { code: 'client.exists' })
    for (const id of ['SHOP', 'shop ', 'shop\0']) assert.equal(await clients.get(id), null)
    assert.equal((await clients.setSecret('shop', 'i')).generation, 1)
    assert.equal((await clients.setActive('shop', false)).generation, 2)
    await assert.rejects(clients.setActive('none', false), { code: 'client.unknown' })
    assert.deepEqual(
      (await clients.list()).map(({ id }) => id),
      ['shop'],
    )
  })

  it('keeps revoked tokens until they expire', async () => {
    const { revocations } = stores()
    await revocations.add('token', clock.now() + 10)
    await revocations.add('token', clock.now() + 10)
    assert.equal(await revocations.has('token'), true)
    assert.equal(await revocations.has('other'), false)
    assert.equal(await revocations.prune(), 0)
    clock.advance(11)
    assert.equal(await revocations.prune(), 1)
    assert.equal(await revocations.has('token'), false)
  })

  it('counts failures and keeps settings', async () => {
    const { loginFailures, settings } = stores()
    await loginFailures.put('name', 1, 0)
    await loginFailures.put('name', 2, T0 + 5)
    const known = await loginFailures.get('name')
    assert.deepEqual(known, { failures: 2, lockedUntil: T0 + 5, updated: clock.now() })
    await loginFailures.clear('name')
    assert.equal(await loginFailures.get('name'), null)
    await settings.put('a', { b: [1] })
    await settings.put('a', { b: [2] })
    assert.deepEqual(await settings.get('a'), { b: [2] })
    assert.equal(await settings.get('c'), undefined)
  })

  it('tells that something changed', async () => {
    const { db, users } = stores()
    const seen: string[] = []
    const watch = await watchRevisions(db, (name) => void seen.push(name), {
      failed: (reason) => {
        throw reason
      },
    })
    await watch.poll()
    assert.deepEqual(seen, [])
    const user = await users.add('watched', 'hash')
    await users.setPassword(user.id, 'other')
    await watch.poll()
    await watch.stop()
    assert.deepEqual(seen, ['auth'])
  })
}
