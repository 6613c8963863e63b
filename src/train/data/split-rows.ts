// Rows → training, validation and test: the contract's 80/20 and then 20 % of the training part, or other fractions.
import { createHash } from 'node:crypto'
import { findDuplicates, joinDuplicates } from './duplicates.ts'
import { groupedSplit } from './grouped-split.ts'
import type { DataRow } from './row.ts'
import { stratifiedSplit } from './stratified-split.ts'

export type Side = 'train' | 'validation' | 'test'

export interface SplitOptions {
  readonly seed: number
  /** Of all rows. Default: 0.2. */
  readonly test?: number
  /** Of what is not test. Default: 0.2; 0: no validation part. */
  readonly validation?: number
  /**
   * `stratified`: exact shares of each class; groups are kept whole where rows have any. `hash`: each row or group by
   * its name and the seed alone, so that it stays where it is as rows are added. Default: stratified.
   */
  readonly by?: 'stratified' | 'hash'
}

export interface Split {
  /** Side of each row. */
  readonly sides: readonly Side[]
  readonly notices: readonly string[]
}

/**
 * Rows of one group, and rows of one content, are always on one side. Without groups and duplicates the counts are
 * those of scikit-learn's `train_test_split(stratify=…)`, but for a class that would be missing on a side: it gives one
 * row (three rows a class suffice).
 */
export function splitRows(rows: readonly DataRow[], options: SplitOptions): Split {
  const { seed, test = 0.2, validation = 0.2, by = 'stratified' } = options
  const labels = rows.map(({ label }) => label)
  const groups = joinDuplicates(rows)
  const notices = duplicateNotices(rows)
  if (by === 'hash') {
    const sides = rows.map(({ id }, row) => hashSide(groups[row] ?? id, seed, test, validation))
    return { sides, notices: [...notices, ...missing(labels, sides, validation > 0)] }
  }
  const sides: Side[] = Array(rows.length).fill('train')
  take(sides, 'test', test, seed)
  if (validation > 0) take(sides, 'validation', validation, seed + 1)
  return { sides, notices: [...notices, ...missing(labels, sides, validation > 0)] }

  /** Moves a fraction of the training rows to another side. */
  function take(all: Side[], side: Side, fraction: number, partSeed: number): void {
    const left = [...all.keys()].filter((row) => all[row] === 'train')
    const own = left.map((row) => labels[row]!)
    const keys = left.map((row) => groups[row]!)
    const grouped = keys.some((key) => key !== null)
    const taken = grouped
      ? groupedSplit(own, keys, fraction, partSeed)
      : withEveryClass(own, stratifiedSplit(own, fraction, partSeed))
    for (const [index, row] of left.entries()) if (taken[index] === 1) all[row] = side
  }
}

/** A class that has no row in the part, but two or more outside of it, gives its first. */
function withEveryClass(labels: readonly string[], taken: Uint8Array): Uint8Array {
  for (const own of Map.groupBy(labels.keys(), (row) => labels[row]!).values()) {
    const inside = own.filter((row) => taken[row] === 1)
    if (inside.length === 0 && own.length > 1) taken[own[0]!] = 1
    if (inside.length === own.length && own.length > 1) taken[own[0]!] = 0
  }
  return taken
}

/** Equally spread over 0..1 by SHA-256: below `test` is test, and so on. */
function hashSide(name: string, seed: number, test: number, validation: number): Side {
  const digest = createHash('sha256').update(`${seed}\n${name}`).digest()
  const place = digest.readUIntBE(0, 6) / 2 ** 48
  if (place < test) return 'test'
  return place < test + (1 - test) * validation ? 'validation' : 'train'
}

function duplicateNotices(rows: readonly DataRow[]): string[] {
  const { sets, contradictions } = findDuplicates(rows)
  const notices: string[] = []
  const name = (set: readonly string[]) => set.slice(0, 3).join(', ')
  if (sets.length > 0) {
    const extra = sets.reduce((sum, set) => sum + set.length - 1, 0)
    notices.push(
      `${extra} rows have the same content as another (${name(sets[0]!)} …); copies were kept on one side of the split.`,
    )
  }
  for (const set of contradictions.slice(0, 5)) {
    notices.push(`The same content has different labels: ${name(set)}.`)
  }
  return notices
}

function missing(
  labels: readonly string[],
  sides: readonly Side[],
  validation: boolean,
): readonly string[] {
  const wanted: readonly Side[] = validation ? ['train', 'validation', 'test'] : ['train', 'test']
  return [...Map.groupBy(labels.keys(), (row) => labels[row]!)].flatMap(([label, rows]) => {
    const present = new Set(rows.map((row) => sides[row]))
    const absent = wanted.filter((side) => !present.has(side))
    return absent.map((side) => `The class "${label}" has no row in the ${side} part.`)
  })
}
