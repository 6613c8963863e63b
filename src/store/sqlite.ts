// Kysely's dialect over Node's own SQLite: one connection, a cache of prepared statements, write-ahead log.
// A commit is in the log file before it resolves, so it survives kill -9 of the process; not a loss of power.
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type DialectAdapter,
  type Driver,
  type QueryResult,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'

interface Prepared {
  readonly statement: StatementSync
  readonly returnsRows: boolean
}

export interface SqliteOptions {
  /** Milliseconds to wait for another process's write; default 5000. */
  readonly busyTimeout?: number
  /** The file is there, and stays as it is. */
  readonly readOnly?: boolean
}

const STATEMENTS_KEPT = 256

/**
 * @param file path of the database, or `:memory:`.
 */
export function createSqliteDialect(file: string, options: SqliteOptions = {}): Dialect {
  return {
    createDriver: () => createDriver(file, options),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createAdapter: () => adapter,
    createIntrospector: (db) => new SqliteIntrospector(db),
  }
}

const adapter: DialectAdapter = {
  supportsCreateIfNotExists: true,
  supportsMultipleConnections: false,
  // SQLite's schema changes are transactional: a kill in a migration leaves the old schema.
  supportsTransactionalDdl: true,
  supportsReturning: true,
  supportsOutput: false,
  // `begin immediate` around the migrations keeps other processes out.
  acquireMigrationLock: async () => {},
  releaseMigrationLock: async () => {},
}

function createDriver(file: string, options: SqliteOptions): Driver {
  let database: DatabaseSync | undefined
  let connection: DatabaseConnection | undefined
  const run = async (target: DatabaseConnection, sql: string) => {
    await target.executeQuery(CompiledQuery.raw(sql))
  }
  return {
    init: async () => {
      database = openFile(file, options)
      connection = createConnection(database)
    },
    acquireConnection: async () => {
      if (connection === undefined) throw new Error('The SQLite driver was not initialised.')
      return connection
    },
    // Immediate: a transaction that starts by reading could otherwise fail when another process wrote meanwhile.
    beginTransaction: (target) => run(target, 'begin immediate'),
    commitTransaction: (target) => run(target, 'commit'),
    rollbackTransaction: (target) => run(target, 'rollback'),
    releaseConnection: async () => {},
    destroy: async () => database?.close(),
  }
}

function openFile(
  file: string,
  { busyTimeout = 5000, readOnly = false }: SqliteOptions,
): DatabaseSync {
  const database = new DatabaseSync(file, {
    enableForeignKeyConstraints: true,
    timeout: busyTimeout,
    readOnly,
  })
  if (readOnly) return database
  database.exec('pragma journal_mode = wal')
  database.exec('pragma synchronous = normal')
  // 16 MB between checkpoints: fewer fsyncs on the thread that answers.
  database.exec('pragma wal_autocheckpoint = 4000')
  return database
}

function createConnection(database: DatabaseSync): DatabaseConnection {
  const cache = new Map<string, Prepared>()
  const prepare = (sql: string): Prepared => {
    const known = cache.get(sql)
    if (known !== undefined) return known
    const statement = database.prepare(sql)
    const prepared = { statement, returnsRows: statement.columns().length > 0 }
    cache.set(sql, prepared)
    if (cache.size > STATEMENTS_KEPT) dropOldest(cache)
    return prepared
  }
  return {
    executeQuery: async <R>(query: CompiledQuery): Promise<QueryResult<R>> => {
      const { statement, returnsRows } = prepare(query.sql)
      const parameters = query.parameters as readonly SQLInputValue[]
      if (returnsRows) return { rows: statement.all(...parameters) as R[] }
      const { changes, lastInsertRowid } = statement.run(...parameters)
      return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) }
    },
    streamQuery: async function* <R>(query: CompiledQuery) {
      // Not from the cache: the same statement may be run again while this one is half read.
      const statement = database.prepare(query.sql)
      for (const row of statement.iterate(...(query.parameters as readonly SQLInputValue[]))) {
        yield { rows: [row as R] }
      }
    },
  }
}

function dropOldest(cache: Map<string, Prepared>): void {
  for (const sql of cache.keys()) {
    cache.delete(sql)
    return
  }
}
