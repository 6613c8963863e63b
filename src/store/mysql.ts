// A pool of connections to MySQL or MariaDB through mysql2. Times come as text. Every connection reads what others have
// committed (no gap locks between writers), in UTC, strictly, and with backslashes that mean what the driver's escapes say.
import type { PoolConnection } from 'mysql2'
import type { ServerTarget, TlsTarget } from '../database-target.ts'
import type { ConnectionPool, PooledConnection, PoolOptions } from './pooled-dialect.ts'

const SESSION = [
  'set session transaction isolation level read committed',
  "set time_zone = '+00:00', sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'",
]

export async function openMysqlPool(
  target: ServerTarget,
  { connections, timeout }: PoolOptions,
): Promise<ConnectionPool> {
  const { default: mysql } = await import('mysql2')
  const pool = mysql.createPool({
    ...(target.socket === null
      ? { host: target.host, port: target.port }
      : { socketPath: target.socket }),
    user: target.user,
    password: target.password,
    ...(target.database !== '' && { database: target.database }),
    ...(target.tls !== null && { ssl: toTls(target.tls) }),
    charset: 'utf8mb4',
    dateStrings: true,
    connectionLimit: connections,
    idleTimeout: 30_000,
    enableKeepAlive: true,
    ...(timeout > 0 && { connectTimeout: timeout }),
  })
  pool.on('connection', prepareSession)
  return {
    acquire: () =>
      new Promise((resolve, reject) => {
        pool.getConnection((error, connection) => {
          if (error) reject(error)
          else resolve(toConnection(connection, timeout))
        })
      }),
    end: () =>
      new Promise((resolve, reject) => {
        pool.end((error) => (error ? reject(error) : resolve()))
      }),
  }
}

/** Queued before whatever is asked of the connection first. */
function prepareSession(connection: PoolConnection): void {
  for (const statement of SESSION) {
    connection.query(statement, (error) => {
      if (error) connection.destroy()
    })
  }
}

function toConnection(connection: PoolConnection, timeout: number): PooledConnection {
  return {
    raw: connection,
    query: (sql, parameters) =>
      new Promise((resolve, reject) => {
        const options = { sql, values: [...parameters], ...(timeout > 0 && { timeout }) }
        connection.query(options, (error, result) => {
          if (error) reject(error)
          else resolve(toResult(result))
        })
      }),
    release: (broken) => {
      if (broken) connection.destroy()
      else connection.release()
    },
  }
}

function toResult(result: unknown) {
  if (Array.isArray(result)) return { rows: result }
  const { affectedRows } = result as { readonly affectedRows?: number }
  return { rows: [], numAffectedRows: BigInt(affectedRows ?? 0) }
}

function toTls({ check, ca, cert, key }: TlsTarget) {
  return {
    rejectUnauthorized: check !== 'none',
    verifyIdentity: check === 'host',
    ...(ca !== null && { ca }),
    ...(cert !== null && { cert }),
    ...(key !== null && { key }),
  }
}
