// How much metrics would differ on other rows of the same kind: rows are drawn again with replacement, and the middle
// 95 % of each metric is its interval (Efron's percentile bootstrap). For two models on the same rows see paired-bootstrap.ts.
import { createRandom } from '../random.ts'

export type Interval = readonly [low: number, high: number]

export interface BootstrapOptions {
  readonly seed?: number
  readonly draws?: number
  /** Group of each row, 0 ≤ group: rows of one group are drawn together, as they are not independent. */
  readonly groups?: ArrayLike<number>
}

/**
 * @param rows at least one
 * @param metricsOf the metrics where each row counts as often as its weight says; null where one is undefined
 * @returns by metric; one that was undefined in more than half of the draws is left out
 */
export function bootstrapIntervals(
  rows: number,
  metricsOf: (weights: Float64Array) => Readonly<Record<string, number | null>>,
  { seed = 42, draws = 1000, groups }: BootstrapOptions = {},
): Record<string, Interval> {
  const random = createRandom(seed)
  const units = groups === undefined ? rows : 1 + maximum(groups)
  const drawn = new Float64Array(units)
  const weights = groups === undefined ? drawn : new Float64Array(rows)
  const values = new Map<string, number[]>()
  for (let draw = 0; draw < draws; draw++) {
    drawn.fill(0)
    for (let i = 0; i < units; i++) drawn[Math.floor(random() * units)]! += 1
    if (groups !== undefined) for (let i = 0; i < rows; i++) weights[i] = drawn[groups[i]!]!
    for (const [name, value] of Object.entries(metricsOf(weights))) {
      if (value === null || !Number.isFinite(value)) continue
      const list = values.get(name)
      if (list === undefined) values.set(name, [value])
      else list.push(value)
    }
  }
  const defined = [...values].filter(([, list]) => list.length * 2 > draws)
  return Object.fromEntries(defined.map(([name, list]) => [name, middle(list)]))
}

function middle(values: number[]): Interval {
  values.sort((a, b) => a - b)
  const n = values.length
  return [values[Math.floor(n * 0.025)]!, values[Math.ceil(n * 0.975) - 1]!]
}

function maximum(values: ArrayLike<number>): number {
  let most = 0
  for (let i = 0; i < values.length; i++) most = Math.max(most, values[i]!)
  return most
}
