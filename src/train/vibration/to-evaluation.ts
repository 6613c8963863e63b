// What the report of a vibration training is made from: the held-out windows of both states and their errors.
import type { EvaluationInput } from '../report/evaluation-input.ts'
import type { JudgedAutoencoder } from './to-candidate.ts'

/** null where nothing was held out. */
export function toEvaluation(judged: JudgedAutoencoder): EvaluationInput | null {
  const { fitted, data, errors, threshold, recipe, seed } = judged
  const { normal, anomalous } = data.test
  const windows = [...normal, ...anomalous]
  if (windows.length === 0) return null
  const { history, bestEpoch, durations } = fitted.training
  return {
    kind: 'anomaly',
    labels: windows.map((_, row) => (row < normal.length ? 0 : 1)),
    scores: [...errors.normal, ...errors.anomalous],
    threshold,
    trainingScores: errors.validation,
    rows: windows.map(({ id, speed }) => ({ id, ...(speed !== '' && { text: `speed ${speed}` }) })),
    groups: windows.map(({ group }) => group),
    method: fitted.method,
    history,
    ...(bestEpoch !== null && { bestEpoch }),
    data: {
      classes: {
        normal: {
          ...{ train: data.train.length, validation: data.validation.length },
          test: normal.length,
        },
        anomalous: { train: 0, validation: 0, test: anomalous.length },
      },
      skipped: data.skipped,
      notices: data.notices,
    },
    parameters: { ...recipe, hidden: [...recipe.hidden], seed },
    durations,
  }
}
