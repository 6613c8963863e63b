// A transaction that is tried again when it lost against another one: PostgreSQL and MySQL end one of two that wait for
// each other. SQLite's writers queue, so there it runs once.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Kysely, Transaction } from 'kysely'
import { isConflict } from './database-errors.ts'
import type { Schema } from './schema.ts'

const TRIES = 8

/** @param work may run several times: what it does outside the database must bear that */
export async function transact<Result>(
  kysely: Kysely<Schema>,
  work: (transaction: Transaction<Schema>) => Promise<Result>,
): Promise<Result> {
  for (let tries = 1; ; tries++) {
    try {
      return await kysely.transaction().execute(work)
    } catch (error) {
      if (!isConflict(error) || tries === TRIES) throw error
      await sleep(Math.random() * 10 * 2 ** tries)
    }
  }
}
