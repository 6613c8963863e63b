// What an old dog service left: its database is taken over in place, or its rows are brought into another one.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { createLockout } from '../src/auth/lockout.ts'
import { createUsers } from '../src/auth/users.ts'
import { systemClock } from '../src/clock.ts'
import type { DatabaseTarget } from '../src/database-target.ts'
import { openDatabase } from '../src/store/database.ts'
import { importOld } from '../src/store/import-old.ts'
import { openStores, type Stores } from '../src/store/stores.ts'
import { findServer } from './builders/database-server.ts'
import { fillOldDogDatabase, OLD_USER } from './builders/old-dog-database.ts'
import { T0 } from './contracts/samples.ts'

const folder = mkdtempSync(join(tmpdir(), 'duga-old-'))
const servers = { postgres: await findServer('postgres'), mysql: await findServer('mysql') }
after(async () => {
  for (const server of Object.values(servers)) if (server.skip === false) await server.close()
  rmSync(folder, { recursive: true })
})

type Kind = 'sqlite' | 'postgres' | 'mysql'
let files = 0
const newTarget = (kind: Kind): DatabaseTarget =>
  kind === 'sqlite' ? { kind, file: join(folder, `${files++}.db`) } : servers[kind].newTarget()
const skip = (...kinds: Kind[]): string | false =>
  kinds.map((kind) => kind !== 'sqlite' && servers[kind].skip).find(Boolean) || false

async function makeOld(kind: Kind): Promise<DatabaseTarget> {
  const target = newTarget(kind)
  const db = await openDatabase(target)
  await fillOldDogDatabase(db)
  await db.close()
  return target
}

async function checkRows(stores: Stores): Promise<void> {
  const users = createUsers({
    store: stores.users,
    revocations: stores.revocations,
    lockout: createLockout(stores.loginFailures, systemClock),
    clock: systemClock,
    jwtSecretKey: 'a key of more than thirty-two bytes, for the tests',
  })
  await users.login('BUDI', OLD_USER.password)
  const budi = (await stores.users.find('budi'))!
  assert.match(budi.passwordHash, /^\$argon2id\$/)
  const rows = await stores.dogHistory.list()
  assert.deepEqual(
    rows.map(({ userId, timestamp }) => [userId, timestamp]),
    [
      [null, '2025-05-06 07:08:02'],
      [null, '2025-05-06 07:08:02'],
      [budi.id, '2025-05-06 07:08:01'],
    ],
  )
  for (const { confidence } of rows) assert.equal(Math.fround(confidence), Math.fround(0.97310001))
  await assert.rejects(stores.users.add('SITI', 'x'), { code: 'user.exists' })
}

for (const kind of ['sqlite', 'postgres', 'mysql'] as const) {
  describe(`an old database on ${kind}`, { skip: skip(kind) }, () => {
    it('is taken over in place', async () => {
      const target = await makeOld(kind)
      const stores = await openStores(target, systemClock)
      await checkRows(stores)
      await stores.history.append({ ...PREDICTION, timestamp: T0 }, [
        { ...SIDE, userId: (await stores.users.find('siti'))!.id },
      ])
      assert.equal((await stores.dogHistory.list()).length, 4)
      await stores.close()
    })
  })
}

for (const [from, to] of [
  ['sqlite', 'postgres'],
  ['postgres', 'mysql'],
  ['mysql', 'sqlite'],
] as const) {
  it(`brings rows from ${from} to ${to}, once`, { skip: skip(from, to) }, async () => {
    const old = await openDatabase(await makeOld(from), { readOnly: true })
    const stores = await openStores(newTarget(to), systemClock)
    const first = await importOld(old, stores.db, systemClock)
    assert.deepEqual(first, {
      users: { found: 2, added: 2 },
      predictions: { found: 3, added: 3 },
      warnings: [],
    })
    await checkRows(stores)
    const again = await importOld(old, stores.db, systemClock)
    assert.deepEqual([again.users.added, again.predictions.added], [0, 0])
    await checkRows(stores)
    await old.close()
    await stores.close()
  })
}

const PREDICTION = {
  service: 'dog',
  version: 'v1.0.0',
  input: 'b.jpg',
  answer: {},
  label: 'Pug',
  confidence: 0.5,
  durationMs: 1,
  client: null,
  userId: null,
}

const SIDE = {
  table: 'prediction_history',
  timestamp: T0,
  imageFilename: 'b.jpg',
  imageUrl: '/static/history_images/b.jpg',
  predictedBreed: 'Pug',
  confidence: 0.5,
} as const
