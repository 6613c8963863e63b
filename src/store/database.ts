// Opens a database by its target. A new kind of database is a new target and its dialect here; the stores do not change.
import { type Dialect, Kysely } from 'kysely'
import type { DatabaseKind } from './columns.ts'
import type { Schema } from './schema.ts'
import { createSqliteDialect } from './sqlite.ts'

/** Where the data lies. */
export interface SqliteTarget {
  readonly kind: 'sqlite'
  /** A path, or `:memory:`. */
  readonly file: string
}

export type DatabaseTarget = SqliteTarget

export interface Database {
  readonly kind: DatabaseKind
  readonly kysely: Kysely<Schema>
  close(): Promise<void>
}

/** Opens without migrating. */
export function openDatabase(target: DatabaseTarget): Database {
  return toDatabase(target.kind, createSqliteDialect(target.file))
}

/** A database over any dialect of a kind; for tests and for dialects to come. */
export function toDatabase(kind: DatabaseKind, dialect: Dialect): Database {
  const kysely = new Kysely<Schema>({ dialect })
  return { kind, kysely, close: () => kysely.destroy() }
}

/** Whether an error says that a unique key is taken: SQLite, PostgreSQL and MySQL in turn. */
export function isDuplicate(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { code, errcode } = error as { code?: unknown; errcode?: unknown }
  return errcode === 1555 || errcode === 2067 || code === '23505' || code === 'ER_DUP_ENTRY'
}

/** Whether an error lies in the database (locked, full, unreadable, away) rather than in what was written. */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const { code, errcode } = error as { code?: unknown; errcode?: unknown }
  if (typeof errcode === 'number') return SQLITE_UNAVAILABLE.has(errcode & 0xff)
  // PostgreSQL's classes of connection, resources and intervention; Node's and MySQL's lost connections.
  return /^(08|53|57)|^E[A-Z]+$|^PROTOCOL_/.test(String(code))
}

/** Busy, locked, no memory, read-only, input/output, full, cannot open. */
const SQLITE_UNAVAILABLE = new Set([5, 6, 7, 8, 10, 13, 14])
