// How good class probabilities are on labelled rows, under scikit-learn's names: the few figures that a version carries.
// The whole evaluation is made by report/evaluate-classification.ts.
import { expectedCalibrationError } from './expected-calibration-error.ts'
import { classScores, overallScores } from './metrics/class-scores.ts'
import { confusionMatrix } from './metrics/confusion-matrix.ts'

export interface ScoredRow {
  /** Class index of the truth; −1 for a class that the model does not know. */
  readonly label: number
  /** Probability by class. */
  readonly scores: ArrayLike<number>
}

export interface ClassificationMetrics {
  readonly accuracy: number
  /** Mean recall over the classes that occur. */
  readonly balanced_accuracy: number
  /** Mean F1 over the classes that occur or are named. */
  readonly f1_macro: number
  readonly expected_calibration_error: number
}

/** @param rows at least one */
export function classificationMetrics(rows: readonly ScoredRow[]): ClassificationMetrics {
  const named = rows.map(({ scores }) => indexOfMost(scores))
  const known = rows[0]?.scores.length ?? 0
  const labels = rows.map(({ label }) => (label < 0 ? known : label))
  const overall = overallScores(classScores(confusionMatrix(labels, named, known + 1)))
  return {
    accuracy: overall.accuracy,
    balanced_accuracy: overall.balanced_accuracy,
    f1_macro: overall.f1_macro,
    expected_calibration_error: expectedCalibrationError(
      rows.map(({ scores }, i) => scores[named[i]!]!),
      rows.map(({ label }, i) => (label === named[i] ? 1 : 0)),
    ),
  }
}

/** The first index of the largest value. */
export function indexOfMost(values: ArrayLike<number>): number {
  let best = 0
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i
  return best
}
