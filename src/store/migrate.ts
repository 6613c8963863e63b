// Brings a database's schema up to this program's, says how far it is, and writes the file of a new migration.
import { writeFile } from 'node:fs/promises'
import { Migrator } from 'kysely/migration'
import { DugaError } from '../errors.ts'
import type { Database } from './database.ts'
import { MIGRATIONS } from './migrations/table.ts'

type Table = typeof MIGRATIONS

export interface MigrationState {
  readonly name: string
  /** ISO 8601; null where it has not run. */
  readonly applied: string | null
}

/**
 * Runs what has not run, in order; each database change is whole or absent where the database can do that (MySQL cannot:
 * there a migration that was cut off is run again). Of several programs at once one runs them and the others wait.
 * @returns the names that ran.
 * @throws DugaError `store.newer` where the database has seen a migration that this program does not know.
 */
export async function migrateUp(db: Database, table: Table = MIGRATIONS): Promise<string[]> {
  const waiting = (await migrationStatus(db, table)).filter(({ applied }) => applied === null)
  if (waiting.length === 0) return []
  return db.patiently(async (kysely) => {
    const { error, results } = await createMigrator({ ...db, kysely }, table).migrateToLatest()
    if (error !== undefined) throw error
    return (results ?? []).map((result) => result.migrationName)
  })
}

/** @throws DugaError `store.newer` */
export async function migrationStatus(
  db: Database,
  table: Table = MIGRATIONS,
): Promise<MigrationState[]> {
  await refuseNewer(db, table)
  const known = await createMigrator(db, table).getMigrations()
  return known.map(({ name, executedAt }) => ({
    name,
    applied: executedAt?.toISOString() ?? null,
  }))
}

/**
 * Writes `NNNN-<name>.ts` into the folder of migrations.
 * @returns the path, and the line that is to be added to the table.
 */
export async function newMigration(
  folder: string,
  name: string,
): Promise<{ path: string; line: string }> {
  if (!/^[a-z][a-z0-9-]*$/.test(name)) {
    throw new DugaError('input.invalid', {
      reason: `"${name}" is not lower-case letters, digits and hyphens`,
    })
  }
  const number = String(Object.keys(MIGRATIONS).length + 1).padStart(4, '0')
  const path = `${folder}/${number}-${name}.ts`
  await writeFile(path, TEMPLATE, { flag: 'wx' })
  return { path, line: `'${number}-${name}': up` }
}

function createMigrator(db: Database, table: Table): Migrator {
  const migrations = Object.fromEntries(
    Object.entries(table).map(([name, up]) => [
      name,
      { up: (kysely: Parameters<typeof up>[0]) => up(kysely, db.kind) },
    ]),
  )
  return new Migrator({
    db: db.kysely,
    provider: { getMigrations: async () => migrations },
    migrationTableName: 'duga_migrations',
    migrationLockTableName: 'duga_migrations_lock',
  })
}

async function refuseNewer(db: Database, table: Table): Promise<void> {
  const tables = await db.kysely.introspection.getTables({ withInternalKyselyTables: true })
  if (!tables.some((found) => found.name === 'duga_migrations')) return
  const applied = await db.kysely
    .withTables<{ duga_migrations: { name: string } }>()
    .selectFrom('duga_migrations')
    .select('name')
    .execute()
  const unknown = applied.find(({ name }) => table[name] === undefined)
  if (unknown !== undefined) throw new DugaError('store.newer', { migration: unknown.name })
}

const TEMPLATE = `// What changes, and why.
import type { Kysely } from 'kysely'
import { columnTypes, type DatabaseKind } from '../columns.ts'

export async function up(db: Kysely<unknown>, kind: DatabaseKind): Promise<void> {
  const type = columnTypes(kind)
  await db.schema.alterTable('predictions').addColumn('name', type.text).execute()
}
`
