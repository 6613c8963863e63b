// May a candidate take the incumbent's place? Both have judged the same held-out windows; the candidate passes unless it
// is worse beyond what the draw of the windows explains: at telling anomalies from normal, or by its false alarms.
import { pairedBootstrap } from '../paired-bootstrap.ts'

/** Errors of one model on the held-out windows, and its threshold. */
export interface WindowScores {
  readonly normal: Float64Array
  readonly anomalous: Float64Array
  readonly threshold: number
}

export interface GateResult {
  readonly passed: boolean
  readonly reason: string
}

export function judgeScores(
  ours: WindowScores,
  theirs: WindowScores | null,
  seed: number,
): GateResult {
  if (theirs === null) return { passed: true, reason: 'There is no version to compare with.' }
  if (ours.normal.length === 0) return { passed: true, reason: 'No window was held out.' }
  const alarms = pairedBootstrap(paired(alarmsOf(theirs), alarmsOf(ours)), { seed })
  const held = `on the same ${ours.normal.length} normal windows`
  const figures = [
    `false alarms on ${percent(mean(alarmsOf(ours)))} against ${percent(mean(alarmsOf(theirs)))} of the version that serves, ${held}`,
  ]
  let worse = alarms.high < 0
  if (ours.anomalous.length > 0) {
    // The mean over the anomalous windows is the area under the ROC curve.
    const [places, before] = [placesOf(ours), placesOf(theirs)]
    const ranks = pairedBootstrap(paired(places, before), { seed })
    worse ||= ranks.high < 0
    figures.push(
      `ROC AUC ${mean(places).toFixed(3)} against ${mean(before).toFixed(3)} (difference ${ranks.low.toFixed(3)} to ${ranks.high.toFixed(3)})`,
    )
  }
  const text = figures.join('; ')
  return worse
    ? { passed: false, reason: `Worse than the version that serves: ${text}.` }
    : { passed: true, reason: `Not worse: ${text}.` }
}

const alarmsOf = ({ normal, threshold }: WindowScores): number[] =>
  Array.from(normal, (error) => (error > threshold ? 1 : 0))

/** Of each anomalous window the part of the normal ones that score lower, ties counting half. */
function placesOf({ normal, anomalous }: WindowScores): number[] {
  return Array.from(anomalous, (error) => {
    let below = 0
    for (const other of normal) below += other < error ? 1 : other === error ? 0.5 : 0
    return below / normal.length
  })
}

const paired = (a: readonly number[], b: readonly number[]): number[] =>
  a.map((value, i) => value - b[i]!)

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

const percent = (value: number): string => `${(value * 100).toFixed(1)}%`
