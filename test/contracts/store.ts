// What every database must do, as one suite: run on SQLite, PostgreSQL and MariaDB.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { createManualClock } from '../../src/clock.ts'
import type { Database } from '../../src/store/database.ts'
import { migrateUp, migrationStatus } from '../../src/store/migrate.ts'
import { createStores, type Stores } from '../../src/store/stores.ts'
import { accountContract } from './store-accounts.ts'
import { historyContract } from './store-history.ts'
import { jobContract } from './store-jobs.ts'
import { pagingContract } from './store-paging.ts'
import { versionContract } from './store-versions.ts'
import { vibrationContract } from './vibration-stores.ts'

/**
 * @param open gives an empty database
 * @param skip why there is none to test on
 */
export function storeContract(
  name: string,
  open: () => Promise<Database>,
  skip: string | false = false,
): void {
  describe(`stores on ${name}`, { skip }, () => {
    const clock = createManualClock()
    let stores: Stores
    before(async () => {
      stores = await createStores(await open(), clock)
    })
    after(() => stores.close())

    migrationContract(() => stores)
    historyContract(() => stores)
    pagingContract(() => stores)
    accountContract(() => stores, clock)
    versionContract(() => stores)
    jobContract(() => stores, clock)
    vibrationContract(() => stores)
  })
}

function migrationContract(stores: () => Stores): void {
  it('migrates once', async () => {
    assert.deepEqual(await migrateUp(stores().db), [])
    const status = await migrationStatus(stores().db)
    assert.ok(status.length > 0)
    assert.ok(status.every(({ applied }) => applied !== null))
  })
}
