// Remembers tokens that were verified, so that a request costs a look-up and not a signature.
// Correct because every revocation empties it or drops its token: what is in it has not been revoked.

export interface VerifiedCache<T> {
  /** What was verified, unless it has expired by now. @param now milliseconds since the Unix epoch */
  get(token: string, now: number): T | undefined
  /**
   * Keeps what `verify` finds, unless something was revoked while it was looking.
   * @param verify gives the value and when it expires, in milliseconds since the Unix epoch
   */
  load(
    token: string,
    verify: () => Promise<{ readonly value: T; readonly expires: number }>,
  ): Promise<T>
  /** Forgets everything; whoever is being verified now is not remembered. */
  clear(): void
}

/** @param options.most tokens; above it all are forgotten and the busy ones come back */
export function createVerifiedCache<T>({
  most = 10_000,
}: {
  readonly most?: number
} = {}): VerifiedCache<T> {
  const entries = new Map<string, { readonly value: T; readonly expires: number }>()
  let epoch = 0
  return {
    get: (token, now) => {
      const entry = entries.get(token)
      if (entry === undefined) return undefined
      if (now < entry.expires) return entry.value
      entries.delete(token)
      return undefined
    },
    load: async (token, verify) => {
      for (;;) {
        const before = epoch
        const entry = await verify()
        // Something was revoked meanwhile, perhaps this: look again.
        if (epoch !== before) continue
        if (entries.size >= most) entries.clear()
        entries.set(token, entry)
        return entry.value
      }
    },
    clear: () => {
      epoch++
      entries.clear()
    },
  }
}
