// Rows of users. Passwords arrive hashed; what a good password is and who may log in stands in auth/.
import type { Clock } from '../clock.ts'
import { DugaError } from '../errors.ts'
import type { Database } from './database.ts'
import { isDuplicate } from './database-errors.ts'
import { countUp } from './revisions.ts'
import { transact } from './transact.ts'

export interface UserRow {
  readonly id: number
  readonly username: string
  readonly passwordHash: string
  readonly active: boolean
  /** Tokens made under an earlier generation are void. */
  readonly generation: number
  /** Milliseconds since the Unix epoch. */
  readonly created: number
}

export interface UserStore {
  /** @throws DugaError `user.exists`; names differ by more than case */
  add(username: string, passwordHash: string): Promise<UserRow>
  get(id: number): Promise<UserRow | null>
  /** By name, whatever its case. */
  find(username: string): Promise<UserRow | null>
  /** By id, oldest first. @param options.after ids above this one; limit default 100 */
  list(options?: { readonly after?: number; readonly limit?: number }): Promise<UserRow[]>
  /** Also voids the user's tokens. @returns the new generation */
  setPassword(id: number, passwordHash: string): Promise<UserRow>
  /** The same password in another form: tokens stay. Nothing where the hash is no longer the given one. */
  replaceHash(id: number, passwordHash: string, by: string): Promise<void>
  /** Also voids the user's tokens. @throws DugaError `user.unknown` */
  setActive(id: number, active: boolean): Promise<UserRow>
}

export function createUserStore(db: Database, clock: Clock): UserStore {
  const { kysely } = db
  const select = () => kysely.selectFrom('users').selectAll()
  const find: UserStore['find'] = async (username) => {
    const key = username.toLowerCase()
    const row = await select().where('username_key', '=', key).executeTakeFirst()
    return row === undefined ? null : toUser(row)
  }
  const get: UserStore['get'] = async (id) => {
    const row = await select().where('id', '=', id).executeTakeFirst()
    return row === undefined ? null : toUser(row)
  }
  const update = async (id: number, set: { password_hash?: string; active?: number }) => {
    await transact(kysely, async (transaction) => {
      await transaction
        .updateTable('users')
        .set((row) => ({ ...set, generation: row('generation', '+', 1) }))
        .where('id', '=', id)
        .execute()
      await countUp(transaction, 'auth')
    })
    const user = await get(id)
    if (user === null) throw new DugaError('user.unknown', { user: id })
    return user
  }
  return {
    find,
    get,
    add: async (username, passwordHash) => {
      try {
        const row = {
          username,
          username_key: username.toLowerCase(),
          password_hash: passwordHash,
          active: 1,
          generation: 0,
          created: clock.now(),
        }
        await kysely.insertInto('users').values(row).execute()
      } catch (error) {
        throw isDuplicate(error) ? new DugaError('user.exists', {}, { cause: error }) : error
      }
      return (await find(username))!
    },
    list: async ({ after = 0, limit = 100 } = {}) => {
      const rows = await select().where('id', '>', after).orderBy('id').limit(limit).execute()
      return rows.map(toUser)
    },
    setPassword: (id, passwordHash) => update(id, { password_hash: passwordHash }),
    replaceHash: async (id, passwordHash, by) => {
      await kysely
        .updateTable('users')
        .set({ password_hash: by })
        .where('id', '=', id)
        .where('password_hash', '=', passwordHash)
        .execute()
    },
    setActive: (id, active) => update(id, { active: active ? 1 : 0 }),
  }
}

function toUser(row: {
  id: number
  username: string
  password_hash: string
  active: number
  generation: number
  created: number
}): UserRow {
  return {
    id: row.id,
    username: row.username,
    passwordHash: row.password_hash,
    active: row.active === 1,
    generation: row.generation,
    created: Number(row.created),
  }
}
