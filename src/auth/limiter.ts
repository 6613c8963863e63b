// Runs few tasks at once, lets a bounded number wait, and turns the rest away.

/** @returns a function that runs a task in its turn; it resolves to null where too many wait already. */
export function createLimiter({
  running: most,
  waiting: longest,
}: {
  readonly running: number
  readonly waiting: number
}): <T>(task: () => Promise<T>) => Promise<{ readonly value: T } | null> {
  let running = 0
  const waiting: (() => void)[] = []
  return async (task) => {
    if (running >= most) {
      if (waiting.length >= longest) return null
      // The one that ends hands its place over, so `running` does not change.
      await new Promise<void>((resolve) => waiting.push(resolve))
    } else {
      running++
    }
    try {
      return { value: await task() }
    } finally {
      const next = waiting.shift()
      if (next === undefined) running--
      else next()
    }
  }
}
