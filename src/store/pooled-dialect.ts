// Kysely's dialect over a pool of connections to a server. A connection that failed is not used again, and whoever
// waits for one or for its answer waits no longer than a bound: a half-open connection must not hold a request.
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  MysqlAdapter,
  MysqlIntrospector,
  MysqlQueryCompiler,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from 'kysely'
import type { ServerTarget } from '../database-target.ts'
import { DugaError } from '../errors.ts'
import { isUnavailable } from './database-errors.ts'

export interface PooledConnection {
  query(sql: string, parameters: readonly unknown[]): Promise<QueryResult<unknown>>
  /** @param broken it is closed, not used again */
  release(broken: boolean): void
}

export interface ConnectionPool {
  acquire(): Promise<PooledConnection>
  end(): Promise<void>
}

export interface PoolOptions {
  /** Most connections. */
  readonly connections: number
  /** Longest wait for a connection and for the answer to a statement, in milliseconds; 0 is for ever. */
  readonly timeout: number
}

/** @param open makes the pool; called at the first query */
export function createPooledDialect(
  kind: ServerTarget['kind'],
  open: () => Promise<ConnectionPool>,
  { timeout }: Pick<PoolOptions, 'timeout'>,
): Dialect {
  const createDriver = () => createPooledDriver(open, timeout)
  return kind === 'postgres'
    ? {
        createDriver,
        createQueryCompiler: () => new PostgresQueryCompiler(),
        createAdapter: () => new PostgresAdapter(),
        createIntrospector: (db) => new PostgresIntrospector(db),
      }
    : {
        createDriver,
        createQueryCompiler: () => new MysqlQueryCompiler(),
        createAdapter: () => new MysqlAdapter(),
        createIntrospector: (db) => new MysqlIntrospector(db),
      }
}

function createPooledDriver(open: () => Promise<ConnectionPool>, timeout: number): Driver {
  let pool: ConnectionPool | undefined
  const run = async (connection: DatabaseConnection, sql: string) => {
    await connection.executeQuery(CompiledQuery.raw(sql))
  }
  return {
    init: async () => {
      pool = await open()
    },
    acquireConnection: async () => {
      if (pool === undefined) throw new Error('The driver was not initialised.')
      try {
        return new Connection(await acquireInTime(pool, timeout))
      } catch (error) {
        throw toUnavailable(error)
      }
    },
    beginTransaction: (connection) => run(connection, 'begin'),
    commitTransaction: (connection) => run(connection, 'commit'),
    rollbackTransaction: async (connection) => {
      // The server rolls a lost connection back by itself; what was lost is the error to be seen.
      if (!(connection as Connection).broken) await run(connection, 'rollback')
    },
    releaseConnection: async (connection) => (connection as Connection).release(),
    destroy: async () => pool?.end(),
  }
}

class Connection implements DatabaseConnection {
  broken = false
  readonly #connection: PooledConnection

  constructor(connection: PooledConnection) {
    this.#connection = connection
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    try {
      return (await this.#connection.query(sql, parameters)) as QueryResult<R>
    } catch (error) {
      if (!isUnavailable(error)) throw error
      this.broken = true
      throw toUnavailable(error)
    }
  }

  // biome-ignore lint/correctness/useYield: nothing streams; long lists are read by page.
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('Streaming is not supported; read by page.')
  }

  release(): void {
    this.#connection.release(this.broken)
  }
}

/** A connection that comes too late goes back into the pool. */
async function acquireInTime(pool: ConnectionPool, timeout: number): Promise<PooledConnection> {
  const acquired = pool.acquire()
  if (timeout === 0) return acquired
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    late.reject(new Error('timeout exceeded when trying to connect'))
    acquired.then(
      (connection) => connection.release(false),
      () => {},
    )
  }, timeout)
  try {
    return await Promise.race([acquired, late.promise])
  } finally {
    clearTimeout(timer)
  }
}

function toUnavailable(error: unknown): unknown {
  if (!isUnavailable(error)) return error
  return new DugaError('store.unavailable', {}, { cause: error, retryAfter: 1 })
}
