// A split that keeps groups (sources, persons, devices) whole, with each class's share as near as groups allow.
import { createRandom, shuffled } from '../random.ts'

/**
 * 1 for rows that are taken, 0 for those that stay. Groups are gone through largest first (equal ones at random); one is
 * taken where that brings the classes' counts nearer to `fraction` of each. Then every class with groups enough is
 * given one on the side where it has none.
 *
 * @param groups key of each row's group; null is a group of its own
 */
export function groupedSplit(
  labels: readonly string[],
  groups: readonly (string | null)[],
  fraction: number,
  seed: number,
): Uint8Array {
  const totals = Map.groupBy(labels, (label) => label)
  const members = toGroups(labels, groups)
  const state: State = {
    wanted: new Map([...totals].map(([label, rows]) => [label, rows.length * fraction])),
    taken: new Map([...totals.keys()].map((label) => [label, 0])),
  }
  const order = shuffled(members, createRandom(seed)).sort((a, b) => b.rows.length - a.rows.length)
  const chosen = new Set<Group>()
  for (const group of order) {
    if (gain(group, state) > 0) move(group, chosen, state, true)
  }
  for (const label of totals.keys()) fillSide(label, order, chosen, state)
  const out = new Uint8Array(labels.length)
  for (const { rows } of chosen) for (const row of rows) out[row] = 1
  return out
}

interface Group {
  readonly rows: readonly number[]
  readonly counts: ReadonlyMap<string, number>
}

interface State {
  readonly wanted: ReadonlyMap<string, number>
  readonly taken: Map<string, number>
}

function toGroups(labels: readonly string[], groups: readonly (string | null)[]): Group[] {
  const keys = Array.from(groups, (group, row) => (group === null ? row : group))
  return [...Map.groupBy(labels.keys(), (row) => keys[row]!).values()].map((rows) => ({
    rows,
    counts: new Map(
      [...Map.groupBy(rows, (row) => labels[row]!)].map(([label, own]) => [label, own.length]),
    ),
  }))
}

/** How much the squared distance to what is wanted falls, each class in units of its own share. */
function gain({ counts }: Group, { wanted, taken }: State): number {
  let sum = 0
  for (const [label, count] of counts) {
    const [share, have] = [wanted.get(label)!, taken.get(label)!]
    sum += ((have - share) ** 2 - (have + count - share) ** 2) / share ** 2
  }
  return sum
}

function move(group: Group, chosen: Set<Group>, { taken }: State, take: boolean): void {
  if (take) chosen.add(group)
  else chosen.delete(group)
  for (const [label, count] of group.counts) {
    taken.set(label, taken.get(label)! + (take ? count : -count))
  }
}

/** The smallest group of a class that is on one side only goes to the other, if no class is then left without. */
function fillSide(label: string, order: readonly Group[], chosen: Set<Group>, state: State): void {
  const own = order.filter(({ counts }) => counts.has(label))
  const inside = own.filter((group) => chosen.has(group))
  if (own.length < 2 || (inside.length > 0 && inside.length < own.length)) return
  const take = inside.length === 0
  const fits = own.toReversed().find((group) => staysWhole(group, order, chosen, take))
  if (fits !== undefined) move(fits, chosen, state, take)
}

function staysWhole(
  group: Group,
  order: readonly Group[],
  chosen: ReadonlySet<Group>,
  take: boolean,
): boolean {
  return [...group.counts.keys()].every((label) =>
    order.some((other) => other !== group && other.counts.has(label) && chosen.has(other) !== take),
  )
}
