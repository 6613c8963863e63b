// The axis of anomaly scores: logarithmic where they are positive and spread over decades, else straight.
import { logAxis, valueAxis } from './theme.ts'

export interface ScoreScale {
  /** Score at a fraction of the axis, 0..1. */
  at(fraction: number): number
  /** Fraction of the axis at which a score stands; 0..1 for the scores it was made for. */
  of(score: number): number
  /** Axis for ECharts. */
  axis(name: string, nameGap: number): object
}

/** Greatest over least beyond which the axis is logarithmic. */
const DECADES = 8

/** @param scores at least one */
export function toScoreScale(scores: readonly number[]): ScoreScale {
  const least = scores.reduce((low, score) => Math.min(low, score))
  const most = scores.reduce((high, score) => Math.max(high, score))
  if (least > 0 && most / least > DECADES) {
    const ratio = Math.log(most / least)
    return {
      at: (fraction) => least * Math.exp(ratio * fraction),
      of: (score) => Math.log(score / least) / ratio,
      axis: (name, nameGap) => logAxis(name, nameGap, least, most),
    }
  }
  // All scores may be one.
  const span = most - least || Math.abs(most) || 1
  return {
    at: (fraction) => least + span * fraction,
    of: (score) => (score - least) / span,
    axis: (name, nameGap) => valueAxis(name, nameGap, { min: least, max: least + span }),
  }
}
