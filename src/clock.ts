// Time as a value that is passed in, so that tests can set it.

export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number
}

export const systemClock: Clock = { now: () => Date.now() }

/** A clock that stands still until told to move; for tests. */
export function createManualClock(start = Date.UTC(2026, 0, 1)): Clock & {
  advance(milliseconds: number): void
} {
  let time = start
  return {
    now: () => time,
    advance: (milliseconds) => {
      time += milliseconds
    },
  }
}
