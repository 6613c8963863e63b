// May a new picture classifier serve in the place of another? Both are judged on the same rows, which neither was trained on.
import { pairedBootstrap } from '../paired-bootstrap.ts'
import type { TrainResult } from '../task.ts'

/** Of a row: 1 or 0, whether the new one named it rightly, and the one that serves. */
export interface Rights {
  readonly ours: number
  readonly theirs: number
  /** Rows of the same person or source are judged together; null: of its own. */
  readonly group: string | null
}

export function compareRights(rights: readonly Rights[], seed: number): TrainResult['gate'] {
  const { low, high } = pairedBootstrap(
    rights.map(({ ours, theirs }) => ours - theirs),
    { seed, groups: rights.map(({ group }) => group) },
  )
  const percent = (value: number) => `${(value * 100).toFixed(1)}%`
  const share = (whose: 'ours' | 'theirs') =>
    percent(rights.reduce((sum, right) => sum + right[whose], 0) / rights.length)
  const figures =
    `${share('ours')} right against ${share('theirs')} of the version that serves, on the same ` +
    `${rights.length} held-out pictures (difference ${percent(low)} to ${percent(high)})`
  return high < 0
    ? { passed: false, reason: `Worse than the version that serves: ${figures}.` }
    : { passed: true, reason: `Not worse: ${figures}.` }
}
