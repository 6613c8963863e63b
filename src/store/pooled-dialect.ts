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
  /** The driver's own object, the same whenever this connection is acquired. */
  readonly raw: object
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
  const health = createHealth()
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
        return new Connection(await acquireSound(pool, timeout, health), health)
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
  readonly #health: Health

  constructor(connection: PooledConnection, health: Health) {
    this.#connection = connection
    this.#health = health
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    const began = performance.now()
    try {
      const result = (await this.#connection.query(sql, parameters)) as QueryResult<R>
      this.#health.heard(this.#connection)
      return result
    } catch (error) {
      if (!isUnavailable(error)) throw error
      this.broken = true
      this.#health.failed(began)
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

/** Which idle connections can be trusted: when one fails, those not heard of since may have lost the server as well. */
interface Health {
  heard(connection: PooledConnection): void
  /** @param began when the statement that failed was sent */
  failed(began: number): void
  isSound(connection: PooledConnection): boolean
}

function createHealth(): Health {
  const heardAt = new WeakMap<object, number>()
  let doubted = 0
  return {
    heard: ({ raw }) => void heardAt.set(raw, performance.now()),
    failed: (began) => {
      doubted = Math.max(doubted, began)
    },
    isSound: ({ raw }) => {
      const at = heardAt.get(raw)
      return at === undefined || at >= doubted
    },
  }
}

async function acquireSound(
  pool: ConnectionPool,
  timeout: number,
  health: Health,
): Promise<PooledConnection> {
  for (;;) {
    const connection = await acquireInTime(pool, timeout)
    if (health.isSound(connection)) return connection
    connection.release(true)
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
