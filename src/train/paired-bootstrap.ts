// Is one model worse than another on the same rows? The rows are drawn again and again with replacement; the middle
// 95 % of the mean differences is the interval (Efron's percentile bootstrap, paired).
import { createRandom } from './random.ts'

export interface BootstrapResult {
  /** Mean of `candidate − incumbent`. */
  readonly difference: number
  readonly low: number
  readonly high: number
}

/** @param differences `candidate − incumbent` of each row, such as −1, 0 or 1 for right or wrong; at least one */
export function pairedBootstrap(
  differences: ArrayLike<number>,
  { seed = 42, draws = 1000 }: { readonly seed?: number; readonly draws?: number } = {},
): BootstrapResult {
  const random = createRandom(seed)
  const n = differences.length
  const means = new Float64Array(draws)
  for (let draw = 0; draw < draws; draw++) {
    let sum = 0
    for (let i = 0; i < n; i++) sum += differences[Math.floor(random() * n)]!
    means[draw] = sum / n
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
