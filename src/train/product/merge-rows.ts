// New rows + the rows of the version that serves → what the candidate is trained and judged on. A row keeps its side of
// the split for good; near-duplicates go to one side; a fifth of what is new is held out, category by category.
import { DugaError } from '../../errors.ts'
import { createRandom, shuffled } from '../random.ts'
import { groupKey, nameKey, type ProductRow } from './row.ts'

/** Rows that a category needs: two to train on and one to judge by. */
export const LEAST_ROWS = 3
const HELD_OUT = 0.2

export interface MergedRows {
  readonly rows: readonly ProductRow[]
  /** Held-out rows that neither version is trained on; of categories that the candidate has. */
  readonly judged: readonly ProductRow[]
  readonly notices: readonly string[]
}

export interface MergeOptions {
  /** Drop the earlier rows; they still say what the earlier version has seen. */
  readonly replace: boolean
  readonly seed: number
}

/** @throws DugaError training.one-class, training.too-few-rows */
export function mergeRows(
  earlier: readonly ProductRow[],
  added: readonly { readonly name: string; readonly category: string }[],
  { replace, seed }: MergeOptions,
): MergedRows {
  const kept = new Map((replace ? [] : earlier).map((row) => [nameKey(row.name), row]))
  const groupOf = new Map(earlier.map((row) => [groupKey(row.name), row]))
  let relabelled = 0
  const fresh: { name: string; category: string; group: string }[] = []
  for (const { name, category } of added) {
    const known = kept.get(nameKey(name))
    if (known === undefined) fresh.push({ name, category, group: groupKey(name) })
    else if (known.category !== category) {
      kept.set(nameKey(name), { ...known, category })
      relabelled += 1
    }
  }
  const placed = placeRows(fresh, groupOf, seed)
  const rows = ensureTraining([...kept.values(), ...placed])
  checkCategories(rows)
  const seen = new Set(earlier.filter(isTraining).map((row) => nameKey(row.name)))
  const trained = new Set(rows.filter(isTraining).map((row) => nameKey(row.name)))
  const categories = new Set(rows.map(({ category }) => category))
  // Also after a fresh start: a file that is nonsense in itself must not be its own judge.
  const before = replace ? earlier.filter(({ category }) => categories.has(category)) : []
  const judged = [...rows, ...before].filter(
    ({ name, split }) =>
      split === 'test' && !seen.has(nameKey(name)) && !trained.has(nameKey(name)),
  )
  const notices = [`${placed.length} new rows, ${rows.length} in all.`]
  if (relabelled > 0) notices.push(`${relabelled} earlier rows have a new category.`)
  return { rows, judged, notices }
}

/** A group that is known goes where it is; of the others, a fifth of each category's rows is held out. */
function placeRows(
  fresh: readonly Omit<ProductRow, 'split'>[],
  groupOf: ReadonlyMap<string, ProductRow>,
  seed: number,
): ProductRow[] {
  const heldOut = new Set<string>()
  const unknown = fresh.filter(({ group }) => !groupOf.has(group))
  for (const rows of Map.groupBy(unknown, ({ category }) => category).values()) {
    const groups = [...Map.groupBy(rows, ({ group }) => group)]
    let left = Math.round(rows.length * HELD_OUT)
    for (const [group, members] of shuffled(groups, createRandom(seed))) {
      if (members.length > left) continue
      left -= members.length
      heldOut.add(group)
    }
  }
  return fresh.map((row) => {
    const known = groupOf.get(row.group)
    if (known !== undefined) return { ...row, group: known.group, split: known.split }
    return { ...row, split: heldOut.has(row.group) ? 'test' : 'train' }
  })
}

/** A category with fewer than two training rows gets those that were held out. */
function ensureTraining(rows: readonly ProductRow[]): ProductRow[] {
  const counts = new Map<string, number>()
  for (const row of rows.filter(isTraining)) {
    counts.set(row.category, (counts.get(row.category) ?? 0) + 1)
  }
  return rows.map((row) =>
    (counts.get(row.category) ?? 0) < LEAST_ROWS - 1 ? { ...row, split: 'train' } : row,
  )
}

function checkCategories(rows: readonly ProductRow[]): void {
  const byCategory = Map.groupBy(rows, ({ category }) => category)
  for (const [category, members] of byCategory) {
    if (members.length < LEAST_ROWS && byCategory.size > 1) {
      throw new DugaError('training.too-few-rows', {
        category,
        count: members.length,
        needed: LEAST_ROWS,
      })
    }
  }
  const [only] = byCategory.keys()
  if (byCategory.size < 2) throw new DugaError('training.one-class', { category: only ?? '' })
}

const isTraining = ({ split }: ProductRow): boolean => split === 'train'
