// What an error of SQLite, PostgreSQL or MySQL means, whichever driver threw it.
import { DugaError } from '../errors.ts'

/** Whether an error says that a unique key is taken: SQLite, PostgreSQL and MySQL in turn. */
export function isDuplicate(error: unknown): boolean {
  const { code, errcode } = codesOf(error)
  return errcode === 1555 || errcode === 2067 || code === '23505' || code === 'ER_DUP_ENTRY'
}

/** Whether an error lies in the database (locked, full, unreadable, away) rather than in what was written. */
export function isUnavailable(error: unknown): boolean {
  if (error instanceof DugaError) return error.code === 'store.unavailable'
  const { code, errcode, message } = codesOf(error)
  if (errcode !== undefined) return SQLITE_UNAVAILABLE.has(errcode & 0xff)
  return UNAVAILABLE.has(code) || UNAVAILABLE_CODE.test(code) || LOST_CONNECTION.test(message)
}

/** Whether a transaction lost against another one (deadlock, lock wait) and may be tried again as a whole. */
export function isConflict(error: unknown): boolean {
  return CONFLICTS.has(codesOf(error).code)
}

/** Whether a server says that the database of the connection is not there. */
export function isMissingDatabase(error: unknown): boolean {
  return ['3D000', 'ER_BAD_DB_ERROR'].includes(codesOf(error).code)
}

/** Whether a server refuses the account: its password, or where it comes from. */
export function isRefusedLogin(error: unknown): boolean {
  return LOGIN.has(codesOf(error).code)
}

/** Whether a server refuses the account this database, or the making of it. */
export function isForbidden(error: unknown): boolean {
  return ['42501', 'ER_DBACCESS_DENIED_ERROR'].includes(codesOf(error).code)
}

/** Whether encryption is what fails: the server has none, demands it, or its certificate is not trusted. */
export function isTlsFailure(error: unknown): boolean {
  const { code, message } = codesOf(error)
  return TLS.test(code) || TLS_MESSAGE.test(message)
}

/** The words of an error, also where Node left its message empty. */
export function reasonOf(error: unknown): string {
  const { code, message } = codesOf(error)
  return message || code || String(error)
}

/** Busy, locked, no memory, read-only, input/output, full, cannot open. */
const SQLITE_UNAVAILABLE = new Set([5, 6, 7, 8, 10, 13, 14])

/** PostgreSQL's classes of connection, resources, intervention and system; Node's and MySQL's lost connections. */
const UNAVAILABLE_CODE = /^(08|53|57|58)|^E[A-Z]+$|^PROTOCOL_/

const UNAVAILABLE = new Set([
  'EAI_AGAIN',
  // A primary that became a read-only replica.
  '25006',
  'ER_OPTION_PREVENTS_STATEMENT',
  'ER_CON_COUNT_ERROR',
  'ER_SERVER_SHUTDOWN',
  'ER_CONNECTION_KILLED',
  'ER_QUERY_INTERRUPTED',
  'ER_DISK_FULL',
  'ER_RECORD_FILE_FULL',
])

/** What pg and mysql2 say in words only. */
const LOST_CONNECTION =
  /^(Connection terminated|Query read timeout|Client (has encountered|was closed)|timeout exceeded when trying to connect|Can't add new command|Pool is closed|Cannot use a pool after)/

const CONFLICTS = new Set(['40001', '40P01', 'ER_LOCK_DEADLOCK', 'ER_LOCK_WAIT_TIMEOUT'])

const LOGIN = new Set([
  '28000',
  '28P01',
  'ER_ACCESS_DENIED_ERROR',
  'ER_ACCESS_DENIED_NO_PASSWORD_ERROR',
  'ER_HOST_NOT_PRIVILEGED',
])

const TLS =
  /^(ERR_TLS_|ERR_SSL_|ERR_OSSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HANDSHAKE_NO_SSL|HANDSHAKE_SSL|ER_SECURE_TRANSPORT|EPROTO$)/
const TLS_MESSAGE = /does not support (SSL|secure)|no encryption|SSL (off|is required)|self.signed/

function codesOf(error: unknown): {
  readonly code: string
  readonly errcode: number | undefined
  readonly message: string
} {
  if (!(error instanceof Error)) return { code: '', errcode: undefined, message: '' }
  const { code, errcode } = error as { code?: unknown; errcode?: unknown }
  return {
    code: typeof code === 'string' ? code : '',
    errcode: typeof errcode === 'number' ? errcode : undefined,
    message: error.message,
  }
}
