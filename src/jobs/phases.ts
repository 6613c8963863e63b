// How long each phase of a job took, by what it said it was doing: "epoch 3 of 50" and "epoch 4 of 50" are one phase.

export interface Phases {
  /** Ends the phase before. */
  enter(message: string): void
  /** Seconds by phase in order of their first start; the one that runs is left out. */
  seconds(): Record<string, number>
}

/** @param now milliseconds of any clock */
export function createPhases(now: () => number): Phases {
  const spent = new Map<string, number>()
  let phase: string | null = null
  let since = now()
  return {
    enter: (message) => {
      const at = now()
      if (phase !== null) spent.set(phase, (spent.get(phase) ?? 0) + at - since)
      phase = /^[\p{L} ]+/u.exec(message)?.[0].trim() || message
      since = at
    },
    seconds: () =>
      Object.fromEntries(
        [...spent].filter(([, ms]) => ms > 0).map(([name, ms]) => [name, ms / 1000]),
      ),
  }
}
