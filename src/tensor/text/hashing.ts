// Terms → features by a hash, as scikit-learn's HashingVectorizer: no vocabulary, so any term counts, and terms may share one.

export interface Hashing {
  readonly features: number
  /** Half of the terms count -1, so that those that share a feature cancel out rather than add up. */
  readonly alternateSign: boolean
}

/** MurmurHash3 (x86, 32 bits, seed 0) of a text's UTF-8, as a signed integer. */
export function murmurHash3(text: string): number {
  const bytes = Buffer.from(text, 'utf8')
  const whole = bytes.length & ~3
  let hash = 0
  for (let at = 0; at < whole; at += 4) {
    hash ^= scramble(bytes.readInt32LE(at))
    hash = (hash << 13) | (hash >>> 19)
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0
  }
  let rest = 0
  for (let at = bytes.length - 1; at >= whole; at--) rest = (rest << 8) | bytes[at]!
  if (whole < bytes.length) hash ^= scramble(rest)
  hash ^= bytes.length
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}

/** The features of terms, ascending, and the sums of their signs. */
export function hashTerms(
  terms: readonly string[],
  { features, alternateSign }: Hashing,
): { readonly ids: Int32Array; readonly sums: Float64Array } {
  const counts = new Map<number, number>()
  for (const term of terms) {
    const hash = murmurHash3(term)
    // The one hash whose absolute value does not fit: scikit-learn takes this way round it.
    const id =
      hash === -2147483648 ? (2147483647 - (features - 1)) % features : Math.abs(hash) % features
    counts.set(id, (counts.get(id) ?? 0) + (alternateSign && hash < 0 ? -1 : 1))
  }
  const ids = Int32Array.from(counts.keys()).sort()
  return { ids, sums: Float64Array.from(ids, (id) => counts.get(id)!) }
}

function scramble(word: number): number {
  const mixed = Math.imul(word, 0xcc9e2d51)
  return Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593)
}
