// Margins → probabilities: Platt's sigmoid as scikit-learn fits it.

import { stratifiedFolds } from './folds.ts'
import { decisions, fitLinearSvm, type LinearModel, type LinearSvmOptions } from './linear-svm.ts'
import { type SparseMatrix, selectRows } from './sparse.ts'

/** P(positive) = 1 / (1 + exp(slope · margin + offset)); a useful classifier has slope < 0. */
export interface Sigmoid {
  readonly slope: number
  readonly offset: number
}

/** A linear model and a sigmoid for each of its columns. Probabilities are normalised to sum to one. */
export interface CalibratedLinear {
  readonly model: LinearModel
  readonly sigmoids: readonly Sigmoid[]
}

export interface CalibrationOptions {
  readonly folds?: number
  /** The fold in which each row is held out, 0 ≤ fold < folds; stratified by default. */
  readonly assignment?: Int32Array
}

/**
 * Platt's method with his corrected targets, as scikit-learn's `_sigmoid_calibration`; minimised by Newton's method
 * with backtracking (Lin, Lin and Weng 2007) where scikit-learn uses L-BFGS: the problem is convex, the optimum one.
 *
 * @param margins signed distances
 * @param positives truthy where the row belongs to the class
 */
export function fitSigmoid(margins: ArrayLike<number>, positives: ArrayLike<number>): Sigmoid {
  const n = margins.length
  let positiveCount = 0
  for (let i = 0; i < n; i++) if (positives[i]) positiveCount += 1
  const negativeCount = n - positiveCount
  const high = (positiveCount + 1) / (positiveCount + 2)
  const low = 1 / (negativeCount + 2)
  const targets = Float64Array.from({ length: n }, (_, i) => (positives[i] ? high : low))
  let slope = 0
  let offset = Math.log((negativeCount + 1) / (positiveCount + 1))
  let loss = logLoss(margins, targets, slope, offset)
  for (let iteration = 0; iteration < 100; iteration++) {
    const { gradient, step } = newton(margins, targets, slope, offset)
    if (Math.max(Math.abs(gradient[0]), Math.abs(gradient[1])) < 1e-9 * Math.max(1, n)) break
    const descent = gradient[0] * step[0] + gradient[1] * step[1]
    let size = 1
    let next = logLoss(margins, targets, slope + step[0], offset + step[1])
    while (next > loss + 1e-4 * size * descent && size > 1e-10) {
      size /= 2
      next = logLoss(margins, targets, slope + size * step[0], offset + size * step[1])
    }
    if (size <= 1e-10) break
    slope += size * step[0]
    offset += size * step[1]
    loss = next
  }
  return { slope, offset }
}

/**
 * One model on all rows, sigmoids on margins of `folds` models that did not see the row:
 * scikit-learn's `CalibratedClassifierCV(LinearSVC(), ensemble=False)`.
 */
export function fitCalibratedSvm(
  matrix: SparseMatrix,
  labels: ArrayLike<number>,
  classes: number,
  options: LinearSvmOptions & CalibrationOptions = {},
): CalibratedLinear {
  const margins = heldOutMargins(matrix, labels, classes, options)
  const model = fitLinearSvm(matrix, labels, classes, options)
  return { model, sigmoids: fitSigmoids(margins, labels, model.columns) }
}

/**
 * Margins of every row from a model that did not see it, [rows, columns] row-major: scikit-learn's
 * `cross_val_predict(LinearSVC(), method="decision_function")`.
 */
export function heldOutMargins(
  matrix: SparseMatrix,
  labels: ArrayLike<number>,
  classes: number,
  options: LinearSvmOptions & CalibrationOptions = {},
): Float64Array {
  const { folds = 5, assignment = stratifiedFolds(labels, folds) } = options
  const columns = classes === 2 ? 1 : classes
  const margins = new Float64Array(matrix.rows * columns)
  for (let fold = 0; fold < folds; fold++) {
    const { model, heldOut } = fitFold(matrix, labels, classes, assignment, fold, options)
    const scores = decisions(model, selectRows(matrix, heldOut))
    for (const [i, row] of heldOut.entries()) {
      margins.set(scores.subarray(i * columns, (i + 1) * columns), row * columns)
    }
  }
  return margins
}

/**
 * One calibrated model a fold, each fitted on the other folds and calibrated on its own; their probabilities are
 * averaged: scikit-learn's `CalibratedClassifierCV(LinearSVC(), ensemble=True)`.
 */
export function fitCalibratedEnsemble(
  matrix: SparseMatrix,
  labels: ArrayLike<number>,
  classes: number,
  options: LinearSvmOptions & CalibrationOptions = {},
): CalibratedLinear[] {
  const { folds = 5, assignment = stratifiedFolds(labels, folds) } = options
  return Array.from({ length: folds }, (_, fold) => {
    const { model, heldOut } = fitFold(matrix, labels, classes, assignment, fold, options)
    const margins = decisions(model, selectRows(matrix, heldOut))
    const heldLabels = heldOut.map((row) => labels[row]!)
    return { model, sigmoids: fitSigmoids(margins, heldLabels, model.columns) }
  })
}

function fitFold(
  matrix: SparseMatrix,
  labels: ArrayLike<number>,
  classes: number,
  assignment: Int32Array,
  fold: number,
  options: LinearSvmOptions,
): { model: LinearModel; heldOut: number[] } {
  const kept: number[] = []
  const heldOut: number[] = []
  for (const [row, held] of assignment.entries()) (held === fold ? heldOut : kept).push(row)
  const keptLabels = kept.map((row) => labels[row]!)
  return { model: fitLinearSvm(selectRows(matrix, kept), keptLabels, classes, options), heldOut }
}

function fitSigmoids(margins: Float64Array, labels: ArrayLike<number>, columns: number): Sigmoid[] {
  return Array.from({ length: columns }, (_, column) => {
    const positive = columns === 1 ? 1 : column
    return fitSigmoid(
      Float64Array.from(labels, (_, row) => margins[row * columns + column]!),
      Uint8Array.from(labels, (label) => (label === positive ? 1 : 0)),
    )
  })
}

/** Σ −t·log p − (1 − t)·log(1 − p), written so that nothing overflows. */
function logLoss(
  margins: ArrayLike<number>,
  targets: Float64Array,
  slope: number,
  offset: number,
): number {
  let sum = 0
  for (let i = 0; i < targets.length; i++) {
    const z = slope * margins[i]! + offset
    const t = targets[i]!
    sum += z >= 0 ? t * z + Math.log1p(Math.exp(-z)) : (t - 1) * z + Math.log1p(Math.exp(z))
  }
  return sum
}

function newton(
  margins: ArrayLike<number>,
  targets: Float64Array,
  slope: number,
  offset: number,
): { gradient: readonly [number, number]; step: readonly [number, number] } {
  let [g0, g1, h00, h01, h11] = [0, 0, 1e-12, 0, 1e-12]
  for (let i = 0; i < targets.length; i++) {
    const margin = margins[i]!
    const p = 1 / (1 + Math.exp(slope * margin + offset))
    const error = targets[i]! - p
    const spread = p * (1 - p)
    g0 += margin * error
    g1 += error
    h00 += margin * margin * spread
    h01 += margin * spread
    h11 += spread
  }
  const determinant = h00 * h11 - h01 * h01
  return {
    gradient: [g0, g1],
    step: [-(h11 * g0 - h01 * g1) / determinant, -(h00 * g1 - h01 * g0) / determinant],
  }
}
