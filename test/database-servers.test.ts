// A database server at the start: who makes the database and its schema, what the tables look like to others, and what is said
// where it cannot be used.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, describe, it } from 'node:test'
import { systemClock } from '../src/clock.ts'
import { parseDatabaseUrl, type ServerTarget } from '../src/database-target.ts'
import { openDatabase } from '../src/store/database.ts'
import { migrateUp, migrationStatus } from '../src/store/migrate.ts'
import { MIGRATIONS } from '../src/store/migrations/table.ts'
import { openStores } from '../src/store/stores.ts'
import { findServer } from './builders/database-server.ts'

/** As SQLAlchemy's models of the old back ends make them; what reports read. */
const TEXT = { postgres: 'character varying', mysql: 'varchar' }
const COLUMNS = {
  prediction_history: (kind: 'postgres' | 'mysql') => [
    ['id', INTEGER[kind], null],
    ['user_id', INTEGER[kind], null],
    ['timestamp', kind === 'mysql' ? 'datetime' : 'timestamp without time zone', null],
    ['image_filename', TEXT[kind], 255],
    ['image_url', TEXT[kind], 255],
    ['predicted_breed', TEXT[kind], 80],
    ['confidence', kind === 'mysql' ? 'float' : 'double precision', null],
  ],
  vibration_anomalies: (kind: 'postgres' | 'mysql') => [
    ['id', INTEGER[kind], null],
    ['device_id', TEXT[kind], 255],
    ['timestamp', kind === 'mysql' ? 'datetime' : 'timestamp without time zone', null],
    ['reconstruction_error', kind === 'mysql' ? 'double' : 'double precision', null],
    ['threshold', kind === 'mysql' ? 'double' : 'double precision', null],
  ],
  users: (kind: 'postgres' | 'mysql') => [
    ['id', INTEGER[kind], null],
    ['username', TEXT[kind], 80],
    ['password_hash', TEXT[kind], 255],
  ],
}
const INTEGER = { postgres: 'integer', mysql: 'int' }

for (const kind of ['postgres', 'mysql'] as const) {
  const server = await findServer(kind)
  describe(`starting on ${kind}`, { skip: server.skip }, () => {
    const accounts: string[] = []
    after(async () => {
      await server.close()
      for (const name of accounts) {
        await server.ask(kind === 'mysql' ? `drop user ${name}@'%'` : `drop role ${name}`)
      }
    })
    const newAccount = async (): Promise<string> => {
      const name = `duga_test_${randomBytes(6).toString('hex')}`
      accounts.push(name)
      if (kind === 'mysql') await server.ask(`create user ${name}@'%' identified by 'secret'`)
      else await server.ask(`create role ${name} login nocreatedb password 'secret'`)
      return name
    }
    const open = async (target: ServerTarget) => (await openStores(target, systemClock)).close()

    it('makes database and schema once, of several programs at once', async () => {
      const target = server.newTarget()
      const opened = await Promise.all([1, 2, 3, 4].map(() => openStores(target, systemClock)))
      const status = await migrationStatus(opened[0]!.db)
      assert.deepEqual(
        status.map(({ name }) => name),
        Object.keys(MIGRATIONS),
      )
      for (const stores of opened) await stores.settings.put('a', 1)
      await Promise.all(opened.map((stores) => stores.close()))
      const row = `insert into duga_migrations (name, timestamp) values ('9999-future', '')`
      await server.ask(row, target)
      await assert.rejects(open(target), { code: 'store.newer' })
    })

    it('goes on where a migration was cut off', async () => {
      const db = await openDatabase(server.newTarget())
      const broken = new Error('cut off')
      const cutOff = Object.fromEntries(
        Object.entries(MIGRATIONS).map(([name, up]) => [
          name,
          async (...given: Parameters<typeof up>) => {
            await up(...given)
            throw broken
          },
        ]),
      )
      await assert.rejects(migrateUp(db, cutOff), broken)
      assert.deepEqual(await migrateUp(db), Object.keys(MIGRATIONS))
      await db.close()
    })

    it('has the tables that the contracts name', async () => {
      const target = server.newTarget()
      await open(target)
      for (const [table, columns] of Object.entries(COLUMNS)) {
        const rows = await server.ask<Record<string, unknown>>(
          `select column_name as name, data_type as type, character_maximum_length as length
           from information_schema.columns where table_name = '${table}'
           and table_schema = '${kind === 'mysql' ? target.database : 'public'}'
           order by ordinal_position`,
          target,
        )
        const found = rows.map(({ name, type, length }) => [name, type, length])
        const wanted = columns(kind)
        const names = wanted.map(([name]) => name)
        assert.deepEqual(
          found.filter(([name]) => names.includes(name as string)),
          wanted,
        )
      }
    })

    it('says which statement makes a database that the account may not make', async () => {
      const user = await newAccount()
      const target = { ...server.newTarget(), user, password: 'secret' }
      await assert.rejects(open(target), (error: Error & { code?: string; help?: string }) => {
        assert.equal(error.code, 'store.missing')
        assert.match(error.help!, new RegExp(`CREATE DATABASE .${target.database}.`))
        return true
      })
    })

    it('says what is wrong with account, encryption and address', async () => {
      const target = server.newTarget()
      const code = (changes: Partial<ServerTarget>) =>
        open({ ...target, ...changes }).then(
          () => 'opened',
          (error: { code: string }) => error.code,
        )
      assert.equal(await code({ user: 'duga_nobody', password: 'wrong' }), 'store.login')
      if (kind === 'mysql') {
        const user = await newAccount()
        assert.equal(await code({ user, password: 'wrong' }), 'store.login')
      }
      assert.equal(await code({ port: 1 }), 'store.unreachable')
      assert.equal(await code({ host: 'database.invalid' }), 'store.unreachable')
      const url = `${server.urlOf(target)}?sslmode=require`
      assert.equal(await code(parseDatabaseUrl(url, '') as ServerTarget), 'store.tls')
    })
  })
}
