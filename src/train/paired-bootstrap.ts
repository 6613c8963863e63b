// Is one model worse than another on the same rows? Groups of rows that belong together, such as the pictures
// of a person, are drawn again and again with replacement; the middle 95 % of the mean differences is the interval (Efron's percentile
// bootstrap, paired; by groups as Davison and Hinkley 1997, 3.8, so that many rows of one person do not count as many persons).
import { createRandom } from './random.ts'

export interface BootstrapResult {
  /** Mean of `candidate − incumbent`. */
  readonly difference: number
  readonly low: number
  readonly high: number
}

export interface BootstrapOptions {
  readonly seed?: number
  readonly draws?: number
  /** Of each row; null, and every row where they are left out: a group of its own. */
  readonly groups?: readonly (string | null)[]
}

/** @param differences `candidate − incumbent` of each row, such as −1, 0 or 1 for right or wrong; at least one */
export function pairedBootstrap(
  differences: ArrayLike<number>,
  { seed = 42, draws = 1000, groups = [] }: BootstrapOptions = {},
): BootstrapResult {
  const random = createRandom(seed)
  const n = differences.length
  const drawn = sumGroups(differences, groups)
  const means = new Float64Array(draws)
  for (let draw = 0; draw < draws; draw++) {
    let [sum, rows] = [0, 0]
    for (let i = 0; i < drawn.length; i++) {
      const group = drawn[Math.floor(random() * drawn.length)]!
      sum += group.sum
      rows += group.rows
    }
    means[draw] = sum / rows
  }
  means.sort()
  let total = 0
  for (let i = 0; i < n; i++) total += differences[i]!
  return {
    difference: total / n,
    low: means[Math.floor(draws * 0.025)]!,
    high: means[Math.ceil(draws * 0.975) - 1]!,
  }
}

/** In the order in which they first come. */
function sumGroups(
  differences: ArrayLike<number>,
  groups: readonly (string | null)[],
): readonly { readonly sum: number; readonly rows: number }[] {
  const sums = new Map<string | number, { sum: number; rows: number }>()
  for (let i = 0; i < differences.length; i++) {
    const key = groups[i] ?? i
    const { sum, rows } = sums.get(key) ?? { sum: 0, rows: 0 }
    sums.set(key, { sum: sum + differences[i]!, rows: rows + 1 })
  }
  return [...sums.values()]
}
