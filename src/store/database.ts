// Opens a database by its target. A new kind of database is a new target and its dialect here; the stores do not change.
import { type Dialect, Kysely, sql } from 'kysely'
import type { DatabaseTarget, ServerTarget } from '../database-target.ts'
import type { DatabaseKind } from './columns.ts'
import { openPool, reachServer, type WaitOptions } from './open-server.ts'
import { createPooledDialect } from './pooled-dialect.ts'
import type { Schema } from './schema.ts'
import { createSqliteDialect } from './sqlite.ts'

export interface Database {
  readonly kind: DatabaseKind
  readonly kysely: Kysely<Schema>
  /** For what may take long, such as a change of the schema: on a connection of its own without the time limit of requests. */
  patiently<Result>(work: (kysely: Kysely<Schema>) => Promise<Result>): Promise<Result>
  close(): Promise<void>
}

export interface OpenOptions extends WaitOptions {
  /** Most connections to a server. */
  readonly pool?: number
  /** Longest wait for a statement of a server, in milliseconds. */
  readonly timeout?: number
}

const STATEMENT_MS = 15_000

/**
 * Opens without migrating; a missing database on a server is made.
 * @throws DugaError `store.unreachable`, `store.login`, `store.tls`, `store.missing`
 */
export async function openDatabase(
  target: DatabaseTarget,
  { pool = 10, timeout = STATEMENT_MS, ...waiting }: OpenOptions = {},
): Promise<Database> {
  if (target.kind === 'sqlite') {
    const { readOnly = false } = waiting
    return toDatabase(target.kind, createSqliteDialect(target.file, { readOnly }))
  }
  await reachServer(target, waiting)
  const db = toDatabase(target.kind, pooledDialect(target, pool, timeout))
  return {
    ...db,
    patiently: async (work) => {
      const patient = new Kysely<Schema>({ dialect: pooledDialect(target, 1, 0) })
      try {
        return await work(patient)
      } finally {
        await patient.destroy()
      }
    },
  }
}

/** A database over any dialect of a kind; for tests and for dialects to come. */
export function toDatabase(kind: DatabaseKind, dialect: Dialect): Database {
  const kysely = new Kysely<Schema>({ dialect })
  return { kind, kysely, patiently: (work) => work(kysely), close: () => kysely.destroy() }
}

/** What the database says it is: its version, `15.20` or `10.11.19-MariaDB`. */
export async function serverVersion({ kind, kysely }: Database): Promise<string> {
  const ask = {
    sqlite: sql<{ version: string }>`select sqlite_version() as version`,
    postgres: sql<{ version: string }>`select current_setting('server_version') as version`,
    mysql: sql<{ version: string }>`select version() as version`,
  }[kind]
  return (await ask.execute(kysely)).rows[0]!.version
}

function pooledDialect(target: ServerTarget, connections: number, timeout: number): Dialect {
  const open = () => openPool(target, { connections, timeout })
  return createPooledDialect(target.kind, open, { timeout })
}
