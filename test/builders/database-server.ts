// A PostgreSQL or MariaDB server to test against, at its usual address or where DUGA_TEST_POSTGRES or DUGA_TEST_MYSQL says, and
// databases with random names in it that are dropped in the end.
import { randomBytes } from 'node:crypto'
import { parseDatabaseUrl, type ServerTarget } from '../../src/database-target.ts'
import { openPool } from '../../src/store/open-server.ts'

export type ServerKind = ServerTarget['kind']

export interface TestServer {
  readonly kind: ServerKind
  /** Why tests are skipped; false where the server is there. */
  readonly skip: string | false
  /** A target whose database does not exist yet. */
  newTarget(): ServerTarget
  /** The setting that leads to a target. */
  urlOf(target: ServerTarget): string
  /** Asks something as the account of the tests. */
  ask<Row>(sql: string, target?: ServerTarget): Promise<Row[]>
  /** Drops every database that was named here. */
  close(): Promise<void>
}

const ADDRESSES = {
  postgres: {
    variable: 'DUGA_TEST_POSTGRES',
    usual: 'postgres://postgres@127.0.0.1:5432/postgres',
  },
  mysql: { variable: 'DUGA_TEST_MYSQL', usual: 'mysql://root:@127.0.0.1:3306/mysql' },
} as const

export async function findServer(kind: ServerKind): Promise<TestServer> {
  const { variable, usual } = ADDRESSES[kind]
  const admin = parseDatabaseUrl(process.env[variable] ?? usual, '') as ServerTarget
  const named: string[] = []
  const ask = async <Row>(sql: string, target = admin): Promise<Row[]> => {
    const pool = await openPool(target, { connections: 1, timeout: 60_000 })
    try {
      const connection = await pool.acquire()
      const { rows } = await connection.query(sql, []).finally(() => connection.release(false))
      return rows as Row[]
    } finally {
      await pool.end()
    }
  }
  const away = await ask('select 1').then(
    () => false as const,
    (error: unknown) => `${kind} is away (${variable}): ${String(error)}`,
  )
  return {
    kind,
    skip: away,
    ask,
    newTarget: () => {
      const database = `duga_test_${randomBytes(6).toString('hex')}`
      named.push(database)
      return { ...admin, database }
    },
    urlOf: ({ user, password, host, port, database }) => {
      const account = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`
      return `${kind === 'mysql' ? 'mysql+pymysql' : kind}://${account}@${host}:${port}/${database}`
    },
    close: async () => {
      const force = kind === 'postgres' ? ' with (force)' : ''
      for (const name of named) await ask(`drop database if exists ${name}${force}`)
    },
  }
}
