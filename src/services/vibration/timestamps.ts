// The answers' timestamps: local time with microseconds and no offset, as the old API wrote them, but unique.
// They are names of plots, so no two answers may share one, not even in the hour that a clock change repeats.
import type { Clock } from '../../clock.ts'

export interface TimestampSource {
  /** The next timestamp, such as `2024-12-20T10:00:00.123456`. */
  next(): string
  /** Microseconds since the Unix epoch of the newest; the next is later. Kept over restarts. */
  latest(): number
}

export const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/

const STEP = 2

/**
 * Each timestamp is at least two microseconds after the one before, whatever the clock does: even microseconds, but
 * odd ones in an hour that is the second of its name.
 * @param after microseconds since the Unix epoch, from `latest` of an earlier run
 */
export function createTimestampSource(clock: Clock, after = 0): TimestampSource {
  let last = after - (after % STEP)
  let second = Number.NaN
  let prefix = ''
  let repeated = 0
  return {
    next: () => {
      last = Math.max(last + STEP, Math.floor(clock.now()) * 1000)
      const current = Math.floor(last / 1_000_000)
      if (current !== second) {
        second = current
        prefix = localSecond(current)
        repeated = isRepeated(current) ? 1 : 0
      }
      const micros = (last % 1_000_000) + repeated
      return `${prefix}.${String(micros).padStart(6, '0')}`
    },
    latest: () => last,
  }
}

/** The timestamp of an instant that need not be unique. */
export function toTimestamp(milliseconds: number): string {
  const micros = (Math.floor(milliseconds) % 1000) * 1000
  return `${localSecond(Math.floor(milliseconds / 1000))}.${String(micros).padStart(6, '0')}`
}

function localSecond(second: number): string {
  const date = new Date(second * 1000)
  // As UTC, the wall clock's digits.
  const wall = new Date(date.getTime() - date.getTimezoneOffset() * 60_000)
  return wall.toISOString().slice(0, 19)
}

/** Whether the wall clock showed this second before: an hour or half an hour ago it stood where it stands now. */
function isRepeated(second: number): boolean {
  const now = localSecond(second)
  return [1800, 3600, 7200].some((back) => localSecond(second - back) === now)
}
