// Whether there is enough to train a classifier on, said in numbers.
import { DugaError } from '../../errors.ts'

/** Rows that a class needs: one to train on, one to validate and one to test with. */
export const LEAST_ROWS = 3

/**
 * @param labels label of each row
 * @param source file or folder, for the message
 * @throws DugaError training.no-rows, training.one-class, training.too-few-rows
 */
export function checkClasses(
  labels: readonly string[],
  source: string,
  needed: number = LEAST_ROWS,
): void {
  const counts = countLabels(labels)
  if (counts.size === 0) throw new DugaError('training.no-rows', { file: source })
  const [[only]] = counts as unknown as [[string]]
  if (counts.size === 1) throw new DugaError('training.one-class', { category: only })
  for (const [category, count] of counts) {
    if (count < needed) throw new DugaError('training.too-few-rows', { category, count, needed })
  }
}

/** Rows of each label, labels in order. */
export function countLabels(labels: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1)
  return new Map([...counts].sort(([a], [b]) => (a < b ? -1 : 1)))
}
