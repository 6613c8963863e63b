// Column types that mean the same in SQLite, PostgreSQL and MySQL. The only file that knows their differences in a schema.
import { type CreateTableBuilder, type Kysely, type RawBuilder, sql } from 'kysely'

export type DatabaseKind = 'sqlite' | 'postgres' | 'mysql'

type ColumnType = RawBuilder<unknown>

export interface ColumnTypes {
  /** Text of at most `length` characters that may be a key; compared byte by byte. */
  key(length: number): ColumnType
  /** Text of at most `length` characters in a table that a contract names: compared as the database does by default. */
  short(length: number): ColumnType
  /** Text of any length. */
  readonly text: ColumnType
  /** Milliseconds since the Unix epoch. Read with `Number()`: PostgreSQL answers a string. */
  readonly instant: ColumnType
  readonly integer: ColumnType
  /** 64-bit floating point. */
  readonly real: ColumnType
  /** What SQLAlchemy makes of a `Float`: 32 bits in MySQL, else 64. */
  readonly float: ColumnType
  /** 0 or 1. */
  readonly flag: ColumnType
  /** To the microsecond, for the tables that a contract names; dialects answer it as text, see `toIsoMicros`. */
  readonly dateTime: ColumnType
  /** `YYYY-MM-DD HH:MM:SS`, for the tables that a contract names. */
  readonly seconds: ColumnType
  /** The default `now`, UTC, of a column of `seconds`. */
  readonly now: ColumnType
}

/** The types of one kind of database. */
export function columnTypes(kind: DatabaseKind): ColumnTypes {
  const raw = (text: string) => sql.raw(text)
  return {
    key: (length) => raw(`varchar(${length})${BYTE_BY_BYTE[kind]}`),
    short: (length) => raw(`varchar(${length})`),
    text: raw(kind === 'mysql' ? 'longtext' : 'text'),
    instant: raw('bigint'),
    integer: raw('integer'),
    real: raw({ sqlite: 'real', postgres: 'double precision', mysql: 'double' }[kind]),
    float: raw({ sqlite: 'real', postgres: 'double precision', mysql: 'float' }[kind]),
    flag: raw('smallint'),
    dateTime: raw({ sqlite: 'text', postgres: 'timestamp(6)', mysql: 'datetime(6)' }[kind]),
    seconds: raw({ sqlite: 'text', postgres: 'timestamp', mysql: 'datetime' }[kind]),
    now: raw(
      kind === 'postgres'
        ? "(date_trunc('second', now() at time zone 'utc'))"
        : 'current_timestamp',
    ),
  }
}

/** MySQL's and MariaDB's names for the same order, each in a comment that only that server reads; blanks at the end count. */
const BYTE_BY_BYTE: Readonly<Record<DatabaseKind, string>> = {
  sqlite: '',
  postgres: ' collate "C"',
  mysql:
    ' character set utf8mb4 collate /*M!100203 utf8mb4_nopad_bin */ /*!80017 utf8mb4_0900_bin */',
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

/** The text of a `dateTime` column as ISO 8601 with six digits of a second, however the database wrote it. */
export function toIsoMicros(text: string): string {
  const [time, fraction = ''] = text.replace(' ', 'T').split('.')
  return `${time}.${fraction.padEnd(6, '0')}`
}

export interface IndexOptions {
  readonly name: string
  readonly table: string
  readonly columns: readonly string[]
  readonly unique?: boolean
}

/** Makes an index unless it is there: in MySQL a migration that was cut off has done a part of its work. */
export async function createIndexOnce(
  db: Kysely<unknown>,
  kind: DatabaseKind,
  { name, table, columns, unique = false }: IndexOptions,
): Promise<void> {
  const plain = db.schema
    .createIndex(name)
    .on(table)
    .columns([...columns])
  const index = unique ? plain.unique() : plain
  if (kind !== 'mysql') {
    await index.ifNotExists().execute()
    return
  }
  const { rows } = await sql`select 1 from information_schema.statistics
    where table_schema = database() and table_name = ${table} and index_name = ${name}`.execute(db)
  if (rows.length === 0) await index.execute()
}

/** The names of a table's columns; null where there is no such table in the schema that is used. */
export async function columnsOf(
  db: Kysely<unknown>,
  kind: DatabaseKind,
  table: string,
): Promise<string[] | null> {
  const tables = await db.introspection.getTables()
  const schema = kind === 'postgres' ? await currentSchema(db) : undefined
  const found = tables.find((one) => one.name === table && (!schema || one.schema === schema))
  return found === undefined ? null : found.columns.map(({ name }) => name)
}

async function currentSchema(db: Kysely<unknown>): Promise<string> {
  const { rows } = await sql<{ name: string }>`select current_schema() as name`.execute(db)
  return rows[0]!.name
}
