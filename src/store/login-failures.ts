// How often a login failed in a row, by name, whether or not the name exists. The policy stands in auth/lockout.ts.
import type { Clock } from '../clock.ts'
import type { Database } from './database.ts'
import { isDuplicate } from './database-errors.ts'

export interface LoginFailures {
  readonly failures: number
  /** Milliseconds since the Unix epoch. */
  readonly lockedUntil: number
  readonly updated: number
}

export interface LoginFailureStore {
  get(name: string): Promise<LoginFailures | null>
  put(name: string, failures: number, lockedUntil: number): Promise<void>
  clear(name: string): Promise<void>
  /** Forgets what was last touched before an instant. @returns how many */
  prune(before: number): Promise<number>
}

export function createLoginFailureStore({ kysely }: Database, clock: Clock): LoginFailureStore {
  const update = async (name: string, failures: number, lockedUntil: number) => {
    const result = await kysely
      .updateTable('login_failures')
      .set({ failures, locked_until: lockedUntil, updated: clock.now() })
      .where('name', '=', name)
      .executeTakeFirst()
    return result.numUpdatedRows > 0n
  }
  return {
    get: async (name) => {
      const row = await kysely
        .selectFrom('login_failures')
        .selectAll()
        .where('name', '=', name)
        .executeTakeFirst()
      if (row === undefined) return null
      return {
        failures: row.failures,
        lockedUntil: Number(row.locked_until),
        updated: Number(row.updated),
      }
    },
    put: async (name, failures, lockedUntil) => {
      if (await update(name, failures, lockedUntil)) return
      try {
        const row = { name, failures, locked_until: lockedUntil, updated: clock.now() }
        await kysely.insertInto('login_failures').values(row).execute()
      } catch (error) {
        if (!isDuplicate(error)) throw error
        await update(name, failures, lockedUntil)
      }
    },
    clear: async (name) => {
      await kysely.deleteFrom('login_failures').where('name', '=', name).execute()
    },
    prune: async (before) => {
      const result = await kysely
        .deleteFrom('login_failures')
        .where('updated', '<', before)
        .executeTakeFirst()
      return Number(result.numDeletedRows)
    },
  }
}
