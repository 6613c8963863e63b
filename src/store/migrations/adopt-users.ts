// Takes over the table of users that an old dog service left: its columns stay as they are, ours are added.
import { type Kysely, sql } from 'kysely'
import { DugaError } from '../../errors.ts'
import { columnTypes, createIndexOnce, type DatabaseKind } from '../columns.ts'

type Users = {
  users: { id: number; username: string; username_key: string | null }
}

const NEEDED = ['id', 'username', 'password_hash']

/**
 * @param columns that the table has
 * @throws DugaError `store.users` where it is not a table of users, or two names differ only in case
 */
export async function adoptUsers(
  db: Kysely<unknown>,
  kind: DatabaseKind,
  columns: readonly string[],
): Promise<void> {
  const missing = NEEDED.filter((name) => !columns.includes(name))
  if (missing.length > 0) {
    throw new DugaError('store.users', { reason: `it has no column ${missing.join(' and ')}` })
  }
  const type = columnTypes(kind)
  const table = () => db.schema.alterTable('users')
  const lacks = (name: string) => !columns.includes(name)
  if (lacks('username_key')) await table().addColumn('username_key', type.key(80)).execute()
  for (const [name, column, value] of [
    ['active', type.flag, 1],
    ['generation', type.integer, 0],
    ['created', type.instant, 0],
  ] as const) {
    if (!lacks(name)) continue
    await table()
      .addColumn(name, column, (added) => added.notNull().defaultTo(value))
      .execute()
  }
  await widenHash(db, kind)
  await fillKeys(db as unknown as Kysely<Users>)
  // PostgreSQL calls the index of an old UNIQUE(username) users_username_key.
  const index = { name: 'duga_users_key', table: 'users', columns: ['username_key'] }
  await createIndexOnce(db, kind, { ...index, unique: true })
}

/** Werkzeug's scrypt takes 162 characters, Argon2id 97; old columns may hold fewer. SQLite does not count. */
async function widenHash(db: Kysely<unknown>, kind: DatabaseKind): Promise<void> {
  if (kind === 'mysql') {
    await sql`alter table users modify password_hash varchar(255) not null`.execute(db)
  }
  if (kind === 'postgres') {
    await sql`alter table users alter password_hash type varchar(255)`.execute(db)
  }
}

async function fillKeys(db: Kysely<Users>): Promise<void> {
  const seen = new Map<string, number>()
  for (const { id, username, username_key } of await db.selectFrom('users').selectAll().execute()) {
    const key = username_key ?? username.toLowerCase()
    const other = seen.get(key)
    if (other !== undefined) {
      throw new DugaError('store.users', { reason: `users ${other} and ${id} differ only in case` })
    }
    seen.set(key, id)
    if (username_key !== null) continue
    await db.updateTable('users').set({ username_key: key }).where('id', '=', id).execute()
  }
}
