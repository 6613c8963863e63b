// The store's contract on SQLite, and what is SQLite's own: query plans, kill -9, a database made by a newer program.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, it } from 'node:test'
import { type CompiledQuery, type Dialect, Kysely, sql } from 'kysely'
import { prediction } from '../../test/contracts/samples.ts'
import { storeContract } from '../../test/contracts/store.ts'
import { systemClock } from '../clock.ts'
import { openDatabase, toDatabase } from './database.ts'
import { isDuplicate, isUnavailable } from './database-errors.ts'
import { migrateUp, migrationStatus, newMigration } from './migrate.ts'
import type { Schema } from './schema.ts'
import { createSqliteDialect } from './sqlite.ts'
import { createStores, openStores } from './stores.ts'

const folder = mkdtempSync(join(tmpdir(), 'duga-sqlite-'))
after(() => rmSync(folder, { recursive: true }))

storeContract('SQLite', async () => openDatabase({ kind: 'sqlite', file: join(folder, 'a.db') }))

it('loads no driver of another database', () => {
  const loaded = Object.keys(createRequire(import.meta.url).cache)
  assert.deepEqual(
    loaded.filter((path) => /node_modules\/(pg|mysql2)\//.test(path)),
    [],
  )
})

it('walks an index in its order for every page, whatever the filter', async () => {
  const queries: CompiledQuery[] = []
  const dialect = recording(createSqliteDialect(':memory:'), queries)
  const stores = await createStores(toDatabase('sqlite', dialect), systemClock)
  const base = {
    from: 1,
    to: Date.now(),
    limit: 10,
    cursor: '01a2038e-4a4a-7000-8000-005248fdc7d3',
  }
  const filters = [
    [{}, 'sqlite_autoindex_predictions_1'],
    [{ label: 'a' }, 'predictions_label'],
    [{ version: 'v1.0.0' }, 'predictions_version'],
    [{ client: 'c' }, 'predictions_client'],
    [{ minConfidence: 0.5, maxConfidence: 0.6 }, 'sqlite_autoindex_predictions_1'],
    [{ label: 'a', version: 'v1.0.0', minConfidence: 0.5 }, 'predictions_(label|version)'],
  ] as const
  const explain = async (query: CompiledQuery, index: string) => {
    const text = sql.raw(inline(query))
    const plan = await sql<{ detail: string }>`explain query plan ${text}`.execute(stores.db.kysely)
    // One search in one index: no scan, and no further line for a sort.
    assert.equal(plan.rows.length, 1, JSON.stringify(plan.rows))
    assert.match(plan.rows[0]!.detail, new RegExp(`^SEARCH .* INDEX ${index} \\(`))
  }
  for (const [filter, index] of filters) {
    queries.length = 0
    await stores.history.list('dog', { ...base, ...filter })
    assert.ok(queries.length >= 1)
    for (const query of [...queries]) await explain(query, index)
  }
  queries.length = 0
  await stores.dogHistory.list({ userId: 1, before: 5 })
  await explain(queries[0]!, 'prediction_history_user')
  await stores.close()
})

it('keeps what was recorded when the process is killed', async () => {
  const file = join(folder, 'killed.db')
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, 'fixtures/append-loop.ts')],
    { env: { ...process.env, FILE: file }, stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const answered: string[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    answered.push(line)
    if (answered.length === 500) child.kill('SIGKILL')
  }
  const stores = await openStores({ kind: 'sqlite', file }, systemClock)
  for (const id of answered) assert.notEqual(await stores.history.get('dog', id), null)
  assert.equal(await stores.history.append(prediction({ id: 'x' })), 'x')
  await stores.close()
})

it('tells a locked database from a bad row', async () => {
  const file = join(folder, 'locked.db')
  const stores = await openStores({ kind: 'sqlite', file }, systemClock)
  const other = new Kysely<Schema>({ dialect: createSqliteDialect(file, { busyTimeout: 0 }) })
  await stores.db.kysely.transaction().execute(async () => {
    const blocked = other.insertInto('settings').values({ name: 'a', value: '1' }).execute()
    await assert.rejects(blocked, (error) => isUnavailable(error) && !isDuplicate(error))
  })
  const row = { name: 'a', value: '1' }
  await other.insertInto('settings').values(row).execute()
  const twice = other.insertInto('settings').values(row).execute()
  await assert.rejects(twice, (error) => isDuplicate(error) && !isUnavailable(error))
  await other.destroy()
  await stores.close()
})

it('refuses a database that a newer program migrated', async () => {
  const db = await openDatabase({ kind: 'sqlite', file: ':memory:' })
  await migrateUp(db)
  const row = { name: '9999-future', timestamp: new Date().toISOString() }
  await db.kysely
    .withTables<{ duga_migrations: { name: string; timestamp: string } }>()
    .insertInto('duga_migrations')
    .values(row)
    .execute()
  await assert.rejects(migrateUp(db), { code: 'store.newer' })
  await assert.rejects(migrationStatus(db), { code: 'store.newer' })
  await db.close()
})

it('leaves the old schema where a migration fails', async () => {
  const db = await openDatabase({ kind: 'sqlite', file: ':memory:' })
  const failing = async (kysely: typeof db.kysely) => {
    await kysely.schema.createTable('half').addColumn('a', 'text').execute()
    throw new Error('no')
  }
  await assert.rejects(migrateUp(db, { '0001-failing': failing as never }), /no/)
  const tables = await db.kysely.introspection.getTables()
  assert.ok(!tables.some(({ name }) => name === 'half'))
  await db.close()
})

it('writes the file of a new migration', async () => {
  const made = await newMigration(folder, 'add-notes')
  assert.match(made.path, /\d{4}-add-notes\.ts$/)
  await assert.rejects(newMigration(folder, 'add-notes'), { code: 'EEXIST' })
  await assert.rejects(newMigration(folder, '../x'), { code: 'input.invalid' })
})

/** A dialect that writes down what it is asked, but for what is explained. */
function recording(dialect: Dialect, queries: CompiledQuery[]): Dialect {
  return {
    ...dialect,
    createDriver: () => {
      const driver = dialect.createDriver()
      return {
        ...driver,
        acquireConnection: async () => {
          const connection = await driver.acquireConnection()
          return {
            ...connection,
            executeQuery: (query) => {
              if (query.sql.startsWith('select')) queries.push(query)
              return connection.executeQuery(query)
            },
          }
        },
      }
    },
  }
}

/** The text of a query with its parameters in place, none of which holds a quote. */
function inline({ sql: text, parameters }: CompiledQuery): string {
  let next = 0
  return text.replaceAll('?', () => `'${String(parameters[next++])}'`)
}
