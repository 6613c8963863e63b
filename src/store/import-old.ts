// Brings the users and the predictions of an old dog service's database over. Nothing in the old one is changed, and
// what came over before is not brought again: users by name, predictions by all that they say.
import { sql } from 'kysely'
import type { Clock } from '../clock.ts'
import { DugaError } from '../errors.ts'
import { columnsOf, toDateTime } from './columns.ts'
import type { Database } from './database.ts'
import { transact } from './transact.ts'

export interface ImportedRows {
  /** Rows that the old database has. */
  readonly found: number
  /** Rows that came over now. */
  readonly added: number
}

export interface ImportOldResult {
  readonly users: ImportedRows
  readonly predictions: ImportedRows
  /** What did not come over as it was. */
  readonly warnings: readonly string[]
}

interface OldUser {
  readonly id: number
  readonly username: string
  readonly password_hash: string
}

interface HistoryRow {
  readonly id: number
  readonly user_id: number | null
  readonly timestamp: string | null
  readonly image_filename: string
  readonly image_url: string
  readonly predicted_breed: string
  readonly confidence: number
}

type Tables = { users: OldUser; prediction_history: HistoryRow }

const PAGE = 500
const HISTORY = ['id', 'user_id', 'timestamp', 'image_filename', 'image_url', 'predicted_breed']

/** @throws DugaError `import.no-table` where the old database has no prediction_history */
export async function importOld(
  old: Database,
  target: Database,
  clock: Clock,
): Promise<ImportOldResult> {
  const columns = await columnsOf(old.kysely as never, old.kind, 'prediction_history')
  const missing = [...HISTORY, 'confidence'].filter((name) => !columns?.includes(name))
  if (missing.length > 0) throw new DugaError('import.no-table', { missing: missing.join(', ') })
  const warnings: string[] = []
  const userIds = new Map<number, number>()
  const users = await importUsers(old, target, { clock, userIds, warnings })
  const predictions = await importHistory(old, target, userIds)
  return { users, predictions, warnings }
}

interface UserImport {
  readonly clock: Clock
  /** Old id → id here; filled. */
  readonly userIds: Map<number, number>
  readonly warnings: string[]
}

async function importUsers(
  old: Database,
  { kysely }: Database,
  { clock, userIds, warnings }: UserImport,
): Promise<ImportedRows> {
  const columns = (await columnsOf(old.kysely as never, old.kind, 'users')) ?? []
  const hash = ['password_hash', 'password'].find((name) => columns.includes(name))
  if (hash === undefined || !columns.includes('username')) {
    warnings.push(
      'There is no table users with username and password_hash: predictions come over without users.',
    )
    return { found: 0, added: 0 }
  }
  let found = 0
  let added = 0
  const owners = new Map<string, string>()
  for await (const row of pages(old, 'users', ['username', `${hash} as password_hash`])) {
    const user = row as unknown as OldUser
    found++
    const key = user.username.toLowerCase()
    const owner = owners.get(key)
    if (owner !== undefined) {
      warnings.push(
        `User "${user.username}" did not come over: the name differs only in case from "${owner}".`,
      )
      continue
    }
    owners.set(key, user.username)
    const find = () =>
      kysely.selectFrom('users').select('id').where('username_key', '=', key).executeTakeFirst()
    let known = await find()
    if (known === undefined) {
      await kysely
        .insertInto('users')
        .values({
          username: user.username,
          username_key: key,
          password_hash: user.password_hash,
          active: 1,
          generation: 0,
          created: clock.now(),
        })
        .execute()
      known = (await find())!
      added++
    }
    userIds.set(user.id, known.id)
  }
  return { found, added }
}

async function importHistory(
  old: Database,
  target: Database,
  userIds: ReadonlyMap<number, number>,
): Promise<ImportedRows> {
  // How often each row is here already: the same row may stand several times in either.
  const present = new Map<string, number>()
  for await (const row of history(target)) {
    const key = keyOf(row)
    present.set(key, (present.get(key) ?? 0) + 1)
  }
  let found = 0
  let added = 0
  let waiting: Omit<HistoryRow, 'id'>[] = []
  const flush = async () => {
    const rows = waiting.map((row) => ({ ...row, timestamp: row.timestamp! }))
    waiting = []
    if (rows.length === 0) return
    await transact(target.kysely, (transaction) =>
      transaction.insertInto('prediction_history').values(rows).execute(),
    )
    added += rows.length
  }
  for await (const { id: _, ...given } of history(old)) {
    found++
    const userId = given.user_id === null ? null : (userIds.get(given.user_id) ?? null)
    const row = { ...given, user_id: userId }
    const key = keyOf(row)
    const times = present.get(key) ?? 0
    if (times > 0) present.set(key, times - 1)
    else waiting.push(row)
    if (waiting.length === PAGE) await flush()
  }
  await flush()
  return { found, added }
}

/** Every row, oldest first, with its time as `YYYY-MM-DD HH:MM:SS`. */
async function* history(db: Database): AsyncGenerator<HistoryRow> {
  const confidence = db.kind === 'mysql' ? EXACT_FLOAT : 'confidence'
  for await (const row of pages(db, 'prediction_history', [...HISTORY.slice(1), confidence])) {
    const given = row as unknown as HistoryRow
    const time = given.timestamp === null ? toDateTime(0) : given.timestamp
    yield { ...given, timestamp: time.slice(0, 19).replace('T', ' ') }
  }
}

const EXACT_FLOAT = sql<number>`confidence + 0e0`.as('confidence')

async function* pages(
  db: Database,
  table: keyof Tables,
  columns: readonly unknown[],
): AsyncGenerator<{ readonly id: number }> {
  let last: number | null = null
  for (;;) {
    let query = db.kysely
      .withTables<Tables>()
      .selectFrom(table)
      .select(['id', ...columns] as never)
      .orderBy('id')
      .limit(PAGE)
    if (last !== null) query = query.where('id', '>', last)
    const rows = (await query.execute()) as unknown as { readonly id: number }[]
    yield* rows
    if (rows.length < PAGE) return
    last = rows.at(-1)!.id
  }
}

/** By what a row says; the id and the last digits of a 32-bit float may differ between two databases. */
function keyOf(row: Omit<HistoryRow, 'id'>): string {
  const { user_id, timestamp, image_filename, image_url, predicted_breed, confidence } = row
  const named = [user_id, timestamp, image_filename, image_url, predicted_breed]
  return JSON.stringify([...named, Math.fround(confidence)])
}
