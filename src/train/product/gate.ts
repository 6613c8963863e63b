// May a candidate take the incumbent's place? Both are asked the same held-out rows; the candidate passes unless it is
// worse beyond what the draw of the rows explains.
import { indexOfMost } from '../classification-metrics.ts'
import { pairedBootstrap } from '../paired-bootstrap.ts'
import type { ProductRow } from './row.ts'

/** What the gate asks of either model. */
export interface NameScorer {
  readonly labels: readonly string[]
  score(name: string): ArrayLike<number> | Promise<ArrayLike<number>>
}

export interface GateResult {
  readonly passed: boolean
  readonly reason: string
}

/** @param rows neither model was trained on them */
export async function judgeCandidate(
  candidate: NameScorer,
  incumbent: NameScorer | null,
  rows: readonly ProductRow[],
  seed: number,
): Promise<GateResult> {
  if (incumbent === null) return { passed: true, reason: 'There is no version to compare with.' }
  if (rows.length === 0) return { passed: true, reason: 'No row was held out of both versions.' }
  const differences: number[] = []
  let [ours, theirs] = [0, 0]
  for (const row of rows) {
    const [right, before] = [await isRight(candidate, row), await isRight(incumbent, row)]
    ours += right
    theirs += before
    differences.push(right - before)
  }
  const { low, high } = pairedBootstrap(differences, { seed })
  const percent = (value: number) => `${(value * 100).toFixed(1)}%`
  const figures =
    `${percent(ours / rows.length)} right against ${percent(theirs / rows.length)} of the version that serves, ` +
    `on the same ${rows.length} held-out rows (difference ${percent(low)} to ${percent(high)})`
  return high < 0
    ? { passed: false, reason: `Worse than the version that serves: ${figures}.` }
    : { passed: true, reason: `Not worse: ${figures}.` }
}

async function isRight(
  { labels, score }: NameScorer,
  { name, category }: ProductRow,
): Promise<number> {
  return labels[indexOfMost(await score(name))] === category ? 1 : 0
}
