// Bounds how many requests of one service are under way, from admission to answer, and estimates how long the queue
// lasts. What is refused here costs nothing further.
import { DugaError } from '../errors.ts'

export interface Admission {
  readonly pending: number
  /** @throws DugaError `overloaded` with `retryAfter` when `limit` requests are under way */
  enter(): void
  /** @param busyMs time the request kept a lane busy, where it got that far */
  leave(busyMs?: number): void
  /** Resolves when nothing is under way. */
  drained(): Promise<void>
}

const SMOOTHING = 0.1
const LONGEST_RETRY_S = 60

/** @param parallel how many requests are worked on at once */
export function createAdmission(limit: number, parallel: number): Admission {
  let pending = 0
  let meanMs = 0
  let waiting: (() => void)[] = []
  return {
    get pending() {
      return pending
    },
    enter: () => {
      if (pending >= limit) {
        const estimate = Math.ceil((pending * meanMs) / parallel / 1000)
        const seconds = Math.min(LONGEST_RETRY_S, Math.max(1, estimate))
        throw new DugaError('overloaded', { seconds }, { retryAfter: seconds })
      }
      pending += 1
    },
    leave: (busyMs) => {
      pending -= 1
      if (busyMs !== undefined) meanMs += (meanMs === 0 ? 1 : SMOOTHING) * (busyMs - meanMs)
      if (pending > 0) return
      for (const resolve of waiting) resolve()
      waiting = []
    },
    drained: () => {
      if (pending === 0) return Promise.resolve()
      const { promise, resolve } = Promise.withResolvers<void>()
      waiting.push(resolve)
      return promise
    },
  }
}
