// A pool of connections to PostgreSQL through pg. Times come as text and 64-bit integers as numbers.
import type { QueryResult as PgResult } from 'pg'
import type { ServerTarget, TlsTarget } from '../database-target.ts'
import type { ConnectionPool, PooledConnection, PoolOptions } from './pooled-dialect.ts'

/** Object ids of PostgreSQL's types. */
const INT8 = 20
const TIMES: ReadonlySet<number> = new Set([1082, 1114, 1184])

export async function openPostgresPool(
  target: ServerTarget,
  { connections, timeout }: PoolOptions,
): Promise<ConnectionPool> {
  const { default: pg } = await import('pg')
  const parserOf = (oid: number, format: never) => {
    if (oid === INT8) return Number
    return TIMES.has(oid) ? String : pg.types.getTypeParser(oid, format)
  }
  const pool = new pg.Pool({
    host: target.socket ?? target.host,
    port: target.port,
    user: target.user,
    password: target.password,
    database: target.database,
    ssl: target.tls === null ? false : toTls(target.tls, target.host),
    types: { getTypeParser: parserOf as typeof pg.types.getTypeParser },
    max: connections,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    application_name: 'duga',
    ...(timeout > 0 && { query_timeout: timeout, connectionTimeoutMillis: timeout }),
  })
  // A lost connection is told twice: here, and to whoever asks it something. The pool has dropped it by then.
  const ignore = () => {}
  pool.on('error', ignore)
  pool.on('connect', (client) => client.on('error', ignore))
  return {
    acquire: async () => {
      const client = await pool.connect()
      return {
        raw: client,
        query: async (sql, parameters) => toResult(await client.query(sql, parameters.map(clean))),
        release: (broken) => client.release(broken),
      } satisfies PooledConnection
    },
    end: () => pool.end(),
  }
}

/** PostgreSQL's text holds every character but NUL. */
function clean(value: unknown): unknown {
  return typeof value === 'string' && value.includes('\0')
    ? value.replaceAll('\0', '\ufffd')
    : value
}

function toResult({ command, rowCount, rows }: PgResult) {
  const changes = command === 'INSERT' || command === 'UPDATE' || command === 'DELETE'
  return { rows, ...(changes && { numAffectedRows: BigInt(rowCount ?? 0) }) }
}

function toTls({ check, ca, cert, key }: TlsTarget, host: string) {
  return {
    rejectUnauthorized: check !== 'none',
    // What the certificate is compared with; pg itself gives no address, and Node would then take localhost.
    host,
    ...(ca !== null && { ca }),
    ...(cert !== null && { cert }),
    ...(key !== null && { key }),
    ...(check === 'ca' && { checkServerIdentity: () => undefined }),
  }
}
