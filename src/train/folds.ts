// Stratified k-fold assignment: each class is dealt to the folds in turn, so that every fold has its share of each.
import { createRandom, shuffled } from './random.ts'

/**
 * As scikit-learn's StratifiedKFold without shuffling: classes in the order of first appearance, rows in theirs.
 *
 * @param labels class index of each row
 * @param folds number of folds, at least 2
 * @returns the fold in which each row is held out
 */
export function stratifiedFolds(labels: ArrayLike<number>, folds: number): Int32Array {
  const encoded = encodeByAppearance(labels)
  const classes = Math.max(-1, ...encoded) + 1
  const allocation = allocate(encoded, classes, folds)
  const out = new Int32Array(encoded.length)
  const next = new Int32Array(classes)
  const plans = allocation.map((counts) =>
    counts.flatMap((n, fold) => Array(n).fill(fold) as number[]),
  )
  for (const [row, label] of encoded.entries()) {
    out[row] = plans[label]![next[label]!]!
    next[label]! += 1
  }
  return out
}

/**
 * Folds that keep groups together: a class's groups, in random order, each go to the fold that has least of the class.
 *
 * @param labels class index of each row; a group's rows should be of one class
 * @param groups key of each row's group, such as a product in all its sizes
 */
export function groupedFolds(
  labels: ArrayLike<number>,
  groups: readonly string[],
  folds: number,
  seed: number,
): Int32Array {
  const rowsOf = Map.groupBy(groups.keys(), (row) => `${labels[row]} ${groups[row]}`)
  const out = new Int32Array(groups.length)
  const counts = new Map<number, number[]>()
  for (const rows of shuffled([...rowsOf.values()], createRandom(seed))) {
    const label = labels[rows[0]!]!
    const taken = counts.get(label) ?? (Array(folds).fill(0) as number[])
    counts.set(label, taken)
    const fold = taken.indexOf(Math.min(...taken))
    taken[fold]! += rows.length
    for (const row of rows) out[row] = fold
  }
  return out
}

/** [classes][folds]: how many rows of a class each fold takes, by counting the sorted labels in steps of `folds`. */
function allocate(encoded: Int32Array, classes: number, folds: number): number[][] {
  const sorted = Int32Array.from(encoded).sort()
  const counts = Array.from({ length: classes }, () => Array(folds).fill(0) as number[])
  for (const [position, label] of sorted.entries()) counts[label]![position % folds]! += 1
  return counts
}

function encodeByAppearance(labels: ArrayLike<number>): Int32Array {
  const seen = new Map<number, number>()
  return Int32Array.from(labels, (label) => {
    const known = seen.get(label)
    if (known !== undefined) return known
    seen.set(label, seen.size)
    return seen.size - 1
  })
}
