// Column types that mean the same in SQLite, PostgreSQL and MySQL. The only file that knows their differences in a schema.
import { type CreateTableBuilder, type RawBuilder, sql } from 'kysely'

export type DatabaseKind = 'sqlite' | 'postgres' | 'mysql'

type ColumnType = RawBuilder<unknown>

export interface ColumnTypes {
  /** Text of at most `length` characters that may be a key; compared byte by byte. */
  key(length: number): ColumnType
  /** Text of any length. */
  readonly text: ColumnType
  /** Milliseconds since the Unix epoch. Read with `Number()`: PostgreSQL answers a string. */
  readonly instant: ColumnType
  readonly integer: ColumnType
  /** 64-bit floating point. */
  readonly real: ColumnType
  /** 0 or 1. */
  readonly flag: ColumnType
  /** `YYYY-MM-DD HH:MM:SS[.ffffff]`, for the tables that a contract names; dialects answer it as text. */
  readonly dateTime: ColumnType
  /** The default `now` of a `dateTime` column. */
  readonly now: ColumnType
}

/** The types of one kind of database. */
export function columnTypes(kind: DatabaseKind): ColumnTypes {
  const mysql = kind === 'mysql'
  const raw = (text: string) => sql.raw(text)
  return {
    key: (length) =>
      raw(`varchar(${length})${mysql ? ' character set utf8mb4 collate utf8mb4_bin' : ''}`),
    text: raw(mysql ? 'longtext' : 'text'),
    instant: raw('bigint'),
    integer: raw('integer'),
    real: raw({ sqlite: 'real', postgres: 'double precision', mysql: 'double' }[kind]),
    flag: raw('smallint'),
    dateTime: raw({ sqlite: 'text', postgres: 'timestamp(6)', mysql: 'datetime(6)' }[kind]),
    now: raw(mysql ? 'current_timestamp(6)' : 'current_timestamp'),
  }
}

/** Adds `id`, an integer primary key that the database counts up. Only for tables that a contract names. */
export function withCountedId<Table extends string>(
  table: CreateTableBuilder<Table, never>,
  kind: DatabaseKind,
): CreateTableBuilder<Table, 'id'> {
  return table.addColumn('id', kind === 'postgres' ? 'serial' : 'integer', (column) =>
    kind === 'postgres' ? column.primaryKey() : column.primaryKey().autoIncrement(),
  )
}

/** A `dateTime` column's text for an instant, in UTC. */
export function toDateTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 19).replace('T', ' ')
}
