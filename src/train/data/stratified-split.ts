// How many rows of each class go to a part, and which: scikit-learn's StratifiedShuffleSplit.
import { createRandom, type Random, shuffled } from '../random.ts'

/**
 * Parts of a stratified split: 1 for the ⌈n × fraction⌉ rows that are taken, 0 for those that stay. Each class gives
 * its share by largest remainder, as in scikit-learn: the training part is allotted first, the taken one from the rest.
 *
 * @param labels label of each row
 * @param fraction of the rows that are taken, above 0 and below 1
 */
export function stratifiedSplit(
  labels: readonly string[],
  fraction: number,
  seed: number,
): Uint8Array {
  const random = createRandom(seed)
  const rowsOf = [...Map.groupBy(labels.keys(), (row) => labels[row]!)]
  rowsOf.sort(([a], [b]) => (a < b ? -1 : 1))
  const counts = rowsOf.map(([, rows]) => rows.length)
  const taken = takenCounts(counts, fraction, random)
  const out = new Uint8Array(labels.length)
  for (const [index, [, rows]] of rowsOf.entries()) {
    for (const row of shuffled(rows, random).slice(0, taken[index])) out[row] = 1
  }
  return out
}

/** Rows that each class gives up, out of `counts`: ⌈n × fraction⌉ in all. */
export function takenCounts(
  counts: readonly number[],
  fraction: number,
  random: Random,
): readonly number[] {
  const total = counts.reduce((sum, count) => sum + count, 0)
  const wanted = Math.ceil(fraction * total)
  const staying = largestRemainder(counts, total - wanted, random)
  return counts.map((count, index) => count - staying[index]!)
}

/**
 * Splits `draws` over classes in proportion to `counts`: whole shares first, what is left to the largest fractions,
 * ties at random.
 */
export function largestRemainder(
  counts: readonly number[],
  draws: number,
  random: Random,
): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0)
  const exact = counts.map((count) => (count / total) * draws)
  const out = exact.map(Math.floor)
  const left = draws - out.reduce((sum, count) => sum + count, 0)
  const order = shuffled([...counts.keys()], random)
  order.sort((a, b) => exact[b]! - out[b]! - (exact[a]! - out[a]!))
  for (const index of order.slice(0, left)) out[index]! += 1
  return out
}
