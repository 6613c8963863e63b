// One server a home. The lock is the system's own lock on a file, held through SQLite: it ends with its process,
// however that dies, so a stale one cannot be. A note beside it says who holds it.
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { DugaError } from '../errors.ts'

/** Kept from the garbage collector, which would close them: a caller may drop what it was given. */
const held = new Set<DatabaseSync>()

export interface HomeLock {
  release(): void
}

export interface LockHolder {
  readonly pid: number
  /** ISO 8601 */
  readonly since: string
}

/**
 * Takes the lock of a home.
 * @throws DugaError `home.locked`, naming the process that holds it
 */
export function lockHome(folder: string): HomeLock {
  const note = join(folder, 'server.json')
  const lock = new DatabaseSync(join(folder, 'server.lock'), { timeout: 0 })
  try {
    lock.exec('begin exclusive')
  } catch (error) {
    lock.close()
    if (!isBusy(error)) throw error
    const { pid, since } = readHolder(note)
    throw new DugaError('home.locked', { home: folder, pid, since }, { cause: error })
  }
  held.add(lock)
  const holder: LockHolder = { pid: process.pid, since: new Date().toISOString() }
  writeFileSync(note, `${JSON.stringify(holder)}\n`, { mode: 0o600 })
  return {
    release: () => {
      rmSync(note, { force: true })
      lock.close()
      held.delete(lock)
    },
  }
}

/** Who holds the lock of a home; null where no server runs on it. */
export function homeHolder(folder: string): LockHolder | null {
  const lock = new DatabaseSync(join(folder, 'server.lock'), { timeout: 0 })
  try {
    lock.exec('begin exclusive')
    return null
  } catch (error) {
    if (!isBusy(error)) throw error
    return readHolder(join(folder, 'server.json'))
  } finally {
    lock.close()
  }
}

function isBusy(error: unknown): boolean {
  return (error as { errcode?: number }).errcode === 5
}

function readHolder(note: string): LockHolder {
  try {
    return JSON.parse(readFileSync(note, 'utf8')) as LockHolder
  } catch {
    // The holder has the lock and is about to write its note.
    return { pid: 0, since: 'just now' }
  }
}
