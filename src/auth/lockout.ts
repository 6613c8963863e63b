// Back-off after failed logins, by name. Names that do not exist are treated alike, so nothing shows which do.
import { createHash } from 'node:crypto'
import type { Clock } from '../clock.ts'
import { DugaError } from '../errors.ts'
import type { LoginFailureStore } from '../store/login-failures.ts'

/** Failures in a row that are free. */
const FREE = 5
/** Of the first lock; it doubles with every further failure. */
const FIRST_LOCK_MS = 15_000
const LONGEST_LOCK_MS = 15 * 60_000
/** Failures this old are forgotten. */
const MEMORY_MS = 24 * 3_600_000

export interface Lockout {
  /**
   * Runs an attempt to log in under a name. Attempts of one name go one after another, so that many at once
   * do not get past the lock together.
   * @param work null where the attempt failed
   * @throws DugaError `user.locked`, with the seconds to wait
   */
  attempt<T>(name: string, work: () => Promise<T | null>): Promise<T | null>
  /** Forgets what is older than a day. */
  prune(): Promise<void>
}

export function createLockout(store: LoginFailureStore, clock: Clock): Lockout {
  const turns = new Map<string, Promise<unknown>>()
  return {
    attempt: async (name, work) => {
      const key = toKey(name)
      const turn = (turns.get(key) ?? Promise.resolve()).then(() =>
        runAttempt(store, clock, key, work),
      )
      const settled = turn.catch(() => {})
      turns.set(key, settled)
      try {
        return await turn
      } finally {
        if (turns.get(key) === settled) turns.delete(key)
      }
    },
    prune: async () => {
      await store.prune(clock.now() - MEMORY_MS)
    },
  }
}

async function runAttempt<T>(
  store: LoginFailureStore,
  clock: Clock,
  key: string,
  work: () => Promise<T | null>,
): Promise<T | null> {
  const known = await store.get(key)
  const wait = (known?.lockedUntil ?? 0) - clock.now()
  if (wait > 0) {
    const seconds = Math.ceil(wait / 1000)
    throw new DugaError('user.locked', { seconds }, { retryAfter: seconds })
  }
  const result = await work()
  if (result !== null) {
    if (known !== null) await store.clear(key)
    return result
  }
  const now = clock.now()
  const recent = known !== null && now - known.updated < MEMORY_MS
  const failures = (recent ? known.failures : 0) + 1
  const lock = Math.min(FIRST_LOCK_MS * 2 ** (failures - FREE), LONGEST_LOCK_MS)
  await store.put(key, failures, failures < FREE ? 0 : now + lock)
  return null
}

/** Names of any length and alphabet become keys of one length. */
function toKey(name: string): string {
  return createHash('sha256').update(name.toLowerCase()).digest('hex')
}
