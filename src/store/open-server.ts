// Reaches a database server before anything is asked of it: waits while it is away, makes a missing database where the account may,
// and says in full what is wrong where it cannot be used.
import { setTimeout as sleep } from 'node:timers/promises'
import { describeTarget, type ServerTarget } from '../database-target.ts'
import { DugaError } from '../errors.ts'
import {
  isDuplicate,
  isForbidden,
  isMissingDatabase,
  isRefusedLogin,
  isTlsFailure,
  isUnavailable,
  reasonOf,
} from './database-errors.ts'
import type { ConnectionPool, PoolOptions } from './pooled-dialect.ts'

export interface WaitOptions {
  /** Nothing is made or set in the database: what is missing stays so. */
  readonly readOnly?: boolean
  /** Milliseconds to wait for a server that is away. */
  readonly wait?: number
  /** Told once when the waiting begins. */
  readonly onWait?: (error: DugaError) => void
}

const LOOK_MS = 500
const CONNECT_MS = 10_000

/** @throws DugaError `store.unreachable`, `store.login`, `store.tls`, `store.missing` */
export async function reachServer(
  target: ServerTarget,
  { wait = 0, onWait = () => {}, readOnly = false }: WaitOptions = {},
): Promise<void> {
  const deadline = performance.now() + wait
  let told = false
  for (;;) {
    try {
      return await reachOnce(target, readOnly)
    } catch (error) {
      if (!(error instanceof DugaError) || error.code !== 'store.unreachable') throw error
      if (performance.now() + LOOK_MS > deadline) throw error
      if (!told) onWait(error)
      told = true
      await sleep(LOOK_MS)
    }
  }
}

/** The pool of a server of either kind; its driver is loaded only now. */
export async function openPool(
  target: ServerTarget,
  options: PoolOptions,
): Promise<ConnectionPool> {
  if (target.kind === 'postgres') {
    return (await import('./postgres.ts')).openPostgresPool(target, options)
  }
  return (await import('./mysql.ts')).openMysqlPool(target, options)
}

async function reachOnce(target: ServerTarget, readOnly: boolean): Promise<void> {
  try {
    await ask(target, 'select 1')
  } catch (error) {
    if (!isMissingDatabase(error) && !isForbidden(error)) throw toOpenError(target, error)
    if (readOnly) throw missing(target, error)
    await makeDatabase(target)
  }
}

async function makeDatabase(target: ServerTarget): Promise<void> {
  const statement = statementFor(target)
  try {
    const server = target.kind === 'postgres' ? 'postgres' : ''
    await ask({ ...target, database: server }, statement)
  } catch (error) {
    // Another server that starts was quicker.
    if (isDuplicate(error) || IS_THERE.has((error as { code?: string }).code ?? '')) return
    if (isUnavailable(error)) throw toOpenError(target, error)
    throw missing(target, error)
  }
}

function missing(target: ServerTarget, error: unknown): DugaError {
  const { database, user } = target
  const parameters = { database, user, reason: reasonOf(error), statement: statementFor(target) }
  return new DugaError('store.missing', parameters, { cause: error })
}

const IS_THERE = new Set(['42P04', 'ER_DB_CREATE_EXISTS'])

function statementFor({ kind, database }: ServerTarget): string {
  if (kind === 'postgres') {
    return `CREATE DATABASE "${database.replaceAll('"', '""')}" ENCODING 'UTF8' TEMPLATE template0`
  }
  return `CREATE DATABASE \`${database.replaceAll('`', '``')}\` CHARACTER SET utf8mb4`
}

async function ask(target: ServerTarget, sql: string): Promise<void> {
  const pool = await openPool(target, { connections: 1, timeout: CONNECT_MS })
  try {
    const connection = await pool.acquire()
    try {
      await connection.query(sql, [])
    } finally {
      connection.release(true)
    }
  } finally {
    await pool.end()
  }
}

function toOpenError(target: ServerTarget, error: unknown): unknown {
  const parameters = { target: describeTarget(target), reason: reasonOf(error), user: target.user }
  if (isTlsFailure(error)) return new DugaError('store.tls', parameters, { cause: error })
  if (isRefusedLogin(error)) return new DugaError('store.login', parameters, { cause: error })
  if (isUnavailable(error)) return new DugaError('store.unreachable', parameters, { cause: error })
  return error
}
