// How often to draw, and from what, for the intervals of a report.

/** Draws that keep the work of resampling bounded: 1,000 for what is small, 100 for what is large. */
export function draws(cells: number): number {
  return Math.min(Math.max(Math.floor(2e7 / Math.max(cells, 1)), 100), 1000)
}

/** Names → indexes; rows without a group are one each. @returns undefined without groups */
export function groupIndexes(
  groups: readonly (string | null)[] | undefined,
): Int32Array | undefined {
  if (groups === undefined) return undefined
  const indexes = new Map<string, number>()
  let next = 0
  return Int32Array.from(groups, (group) => {
    const known = group === null ? undefined : indexes.get(group)
    if (known !== undefined) return known
    if (group !== null) indexes.set(group, next)
    next += 1
    return next - 1
  })
}
