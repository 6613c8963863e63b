// The same content more than once: ties groups together before a split, and says what was found.
import type { DataRow } from './row.ts'

export interface Duplicates {
  /** Ids that share one content, each list in order. */
  readonly sets: readonly (readonly string[])[]
  /** Those of them whose labels disagree: a mistake in the data. */
  readonly contradictions: readonly (readonly string[])[]
}

export function findDuplicates(rows: readonly DataRow[]): Duplicates {
  const shared = [...Map.groupBy(rows, ({ contentHash }) => contentHash).values()].filter(
    (same) => same.length > 1,
  )
  const disagree = shared.filter((same) => same.some(({ label }) => label !== same[0]!.label))
  const toIds = (same: readonly DataRow[]) => same.map(({ id }) => id)
  return { sets: shared.map(toIds), contradictions: disagree.map(toIds) }
}

/**
 * Groups joined where they share content, so that keeping groups whole keeps duplicates together too.
 * @returns the group of each row; null where a row has neither a group nor a duplicate
 */
export function joinDuplicates(rows: readonly DataRow[]): (string | null)[] {
  const parents = new Map<string, string>()
  const find = (key: string): string => {
    let root = key
    while (parents.has(root)) root = parents.get(root)!
    // Every key on the way points to the root from now on.
    for (let at = key; at !== root; ) {
      const next = parents.get(at)!
      parents.set(at, root)
      at = next
    }
    return root
  }
  const copies = Map.groupBy(rows, ({ contentHash }) => contentHash)
  const keyOf = ({ group, contentHash }: DataRow): string | null => {
    if (group !== null) return `g${group}`
    return copies.get(contentHash)!.length > 1 ? `c${contentHash}` : null
  }
  for (const same of copies.values()) {
    const [first, ...others] = same.map(keyOf)
    for (const other of others) {
      const [a, b] = [find(first!), find(other!)]
      if (a !== b) parents.set(b, a)
    }
  }
  return rows.map((row) => {
    const key = keyOf(row)
    return key === null ? null : find(key)
  })
}
