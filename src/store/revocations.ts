// Single tokens that were revoked before they expired. Whole subjects are revoked by their generation.
import type { Clock } from '../clock.ts'
import type { Database } from './database.ts'
import { isDuplicate } from './database-errors.ts'
import { countUp } from './revisions.ts'
import { transact } from './transact.ts'

export interface RevocationStore {
  /** @param expires when the token dies by itself, milliseconds since the Unix epoch */
  add(jti: string, expires: number): Promise<void>
  has(jti: string): Promise<boolean>
  /** Forgets tokens that have expired by now. @returns how many */
  prune(): Promise<number>
}

export function createRevocationStore({ kysely }: Database, clock: Clock): RevocationStore {
  return {
    add: async (jti, expires) => {
      try {
        await transact(kysely, async (transaction) => {
          await transaction.insertInto('revocations').values({ jti, expires }).execute()
          await countUp(transaction, 'auth')
        })
      } catch (error) {
        if (!isDuplicate(error)) throw error
      }
    },
    has: async (jti) => {
      const row = await kysely
        .selectFrom('revocations')
        .select('jti')
        .where('jti', '=', jti)
        .executeTakeFirst()
      return row !== undefined
    },
    prune: async () => {
      const result = await kysely
        .deleteFrom('revocations')
        .where('expires', '<', clock.now())
        .executeTakeFirst()
      return Number(result.numDeletedRows)
    },
  }
}
