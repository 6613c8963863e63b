// Held-out rows → every figure of the report.
import { evaluateAnomaly } from './evaluate-anomaly.ts'
import { evaluateClassification } from './evaluate-classification.ts'
import type { Evaluation } from './evaluation.ts'
import type { EvaluationInput } from './evaluation-input.ts'

/**
 * @param input at least one row
 * @throws RangeError where rows, labels and scores do not fit each other
 */
export function evaluate(input: EvaluationInput): Evaluation {
  check(input)
  return input.kind === 'anomaly' ? evaluateAnomaly(input) : evaluateClassification(input)
}

function check(input: EvaluationInput): void {
  const rows = input.labels.length
  const columns = input.kind === 'anomaly' ? 1 : input.classes.length
  const scores = input.kind === 'anomaly' ? input.scores : input.probabilities
  if (rows === 0) throw new RangeError('An evaluation needs at least one row')
  if (scores.length !== rows * columns) {
    throw new RangeError(`${scores.length} scores for ${rows} rows of ${columns}`)
  }
  const most = input.kind === 'anomaly' ? 2 : columns
  for (let row = 0; row < rows; row++) {
    const label = input.labels[row]!
    if (!(Number.isInteger(label) && label >= 0 && label < most)) {
      throw new RangeError(`The label ${label} of row ${row} is no class`)
    }
  }
  for (let i = 0; i < scores.length; i++) {
    if (!Number.isFinite(scores[i])) throw new RangeError(`Score ${i} is ${scores[i]}`)
  }
  for (const list of [input.rows, input.groups]) {
    if (list !== undefined && list.length !== rows) {
      throw new RangeError(`${list.length} references or groups for ${rows} rows`)
    }
  }
}
