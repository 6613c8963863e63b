// DATABASE_URL → where the database lies. Query parameters carry the names of libpq, PyMySQL and the mysql client.
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { resolve } from 'node:path'

export interface SqliteTarget {
  readonly kind: 'sqlite'
  /** A path, or `:memory:`. */
  readonly file: string
}

/** TLS without a check of the server's certificate, with a check of who signed it, or also of its host name. */
export type TlsCheck = 'none' | 'ca' | 'host'

export interface TlsTarget {
  readonly check: TlsCheck
  /** PEM; null: the authorities that Node trusts. */
  readonly ca: string | null
  /** PEM of the client's own certificate and key. */
  readonly cert: string | null
  readonly key: string | null
}

export interface ServerTarget {
  readonly kind: 'postgres' | 'mysql'
  readonly host: string
  readonly port: number
  /** A Unix socket, in place of host and port. */
  readonly socket: string | null
  readonly user: string
  readonly password: string
  readonly database: string
  /** Null: not encrypted. */
  readonly tls: TlsTarget | null
}

export type DatabaseTarget = SqliteTarget | ServerTarget

const SCHEMES: Readonly<Record<string, ServerTarget['kind']>> = {
  'postgres:': 'postgres',
  'postgresql:': 'postgres',
  'postgresql+psycopg2:': 'postgres',
  'postgresql+psycopg:': 'postgres',
  'mysql:': 'mysql',
  'mysql+pymysql:': 'mysql',
  'mariadb:': 'mysql',
  'mariadb+pymysql:': 'mysql',
}

const ACCEPTED =
  'must be sqlite:<file>, postgres://user:password@host:port/database or mysql://user:password@host:port/database'

/** Each setting by the names that clients of either server use, in lower case and with underscores. */
const PARAMETERS: Readonly<Record<string, string>> = {
  sslmode: 'mode',
  ssl_mode: 'mode',
  sslrootcert: 'ca',
  ssl_ca: 'ca',
  sslcert: 'cert',
  ssl_cert: 'cert',
  sslkey: 'key',
  ssl_key: 'key',
  unix_socket: 'socket',
  host: 'socket',
  // The encoding is UTF-8 whatever is asked for.
  charset: 'charset',
}

const MODES: Readonly<Record<string, TlsCheck | null>> = {
  disable: null,
  disabled: null,
  require: 'none',
  required: 'none',
  verify_ca: 'ca',
  verify_full: 'host',
  verify_identity: 'host',
}

/**
 * @param otherwise the SQLite file where nothing is given
 * @throws Error saying what is accepted, without the password
 */
export function parseDatabaseUrl(value: string | undefined, otherwise: string): DatabaseTarget {
  if (value === undefined) return { kind: 'sqlite', file: otherwise }
  const sqlite = /^sqlite:(?:\/\/)?(.+)$/.exec(value)
  if (sqlite) return { kind: 'sqlite', file: resolve(sqlite[1]!) }
  // An account before an empty host, as with a socket, is no URL to Node.
  const url = URL.parse(value.replace(/^([^/]+:\/\/[^/@]+@)\//, '$1localhost/'))
  const kind = url === null ? undefined : SCHEMES[url.protocol]
  if (url === null || kind === undefined) throw new Error(ACCEPTED)
  const given = readParameters(url)
  const database = decodeURIComponent(url.pathname.slice(1))
  if (database === '') throw new Error('must name a database after the last slash')
  const host = decodeURIComponent(url.hostname).replace(/^\[(.*)\]$/, '$1') || '127.0.0.1'
  const tls = readTls(given)
  // mysql2 compares no address with a certificate, and would let any pass.
  if (kind === 'mysql' && tls?.check === 'host' && isIP(host) !== 0) {
    throw new Error(
      'must name the host, not its address, for its certificate to be checked in full',
    )
  }
  return {
    kind,
    host,
    port: Number(url.port) || (kind === 'postgres' ? 5432 : 3306),
    socket: given.socket ?? null,
    user: decodeURIComponent(url.username) || (kind === 'postgres' ? 'postgres' : 'root'),
    password: decodeURIComponent(url.password),
    database,
    tls,
  }
}

/** A target as it may be shown: without user and password. */
export function describeTarget(target: DatabaseTarget): string {
  if (target.kind === 'sqlite') return `SQLite ${target.file}`
  const name = target.kind === 'postgres' ? 'PostgreSQL' : 'MySQL'
  return `${name} ${target.database} on ${target.socket ?? `${target.host}:${target.port}`}`
}

function readParameters(url: URL): Readonly<Record<string, string>> {
  const given: Record<string, string> = {}
  for (const [name, text] of url.searchParams) {
    const known = PARAMETERS[name.toLowerCase().replaceAll('-', '_')]
    if (known === undefined) throw new Error(`has the parameter "${name}", which is not known`)
    given[known] = text
  }
  return given
}

function readTls(given: Readonly<Record<string, string>>): TlsTarget | null {
  const check = readMode(given)
  if (check === null) return null
  return { check, ca: readPem(given.ca), cert: readPem(given.cert), key: readPem(given.key) }
}

function readMode({ mode, ca }: Readonly<Record<string, string>>): TlsCheck | null {
  if (mode === undefined) return ca === undefined ? null : 'ca'
  const check = MODES[mode.toLowerCase().replaceAll('-', '_')]
  if (check !== undefined) return check
  throw new Error('has an sslmode that is none of disable, require, verify-ca and verify-full')
}

function readPem(path: string | undefined): string | null {
  return path === undefined ? null : readFileSync(path, 'utf8')
}
