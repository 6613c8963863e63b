// Labels that differ only in case, in spaces or in how their letters are composed are one label, and it is said so.

export interface MergedLabels {
  /** The label of each spelling that was given; none for one that is empty but for spaces. */
  readonly labelOf: ReadonlyMap<string, string>
  readonly notices: readonly string[]
}

/**
 * A label's spelling is that in `known`, else the commonest, else the first.
 *
 * @param counts rows of each spelling as it was found
 * @param known labels of the version that the rows are added to
 */
export function mergeLabels(
  counts: ReadonlyMap<string, number>,
  known: readonly string[] = [],
): MergedLabels {
  const chosen = new Map(known.map((label) => [keyOf(label), label]))
  const groups = Map.groupBy(counts, ([spelling]) => keyOf(spelling))
  groups.delete('')
  const labelOf = new Map<string, string>()
  const notices: string[] = []
  for (const [key, spellings] of groups) {
    const [commonest] = spellings.reduce((best, next) => (next[1] > best[1] ? next : best))
    const label = chosen.get(key) ?? tidy(commonest)
    const others = spellings.map(([spelling]) => spelling).filter((one) => one !== label)
    for (const [spelling] of spellings) labelOf.set(spelling, label)
    if (others.length > 0) notices.push(`"${others.join('", "')}" was read as "${label}".`)
  }
  return { labelOf, notices }
}

/** Without spaces around it, single spaces inside, letters composed (NFC). */
export function tidy(label: string): string {
  return label.normalize('NFC').replaceAll(/\s+/g, ' ').trim()
}

function keyOf(label: string): string {
  return tidy(label).toLowerCase()
}
