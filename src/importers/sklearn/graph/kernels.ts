// Support vector machines with kernels.
import {
  attribute,
  flagOf,
  has,
  type Matrix,
  matrixOf,
  numberOf,
  refuse,
  textOf,
  vectorOf,
} from '../attributes.ts'
import { classesOf } from '../labels.ts'
import type { PythonObject } from '../python-object.ts'
import { argMax } from './class-scores.ts'
import { squaredDistances } from './distances.ts'
import { type Block, type Flow, type Predictor, product } from './flow.ts'
import { toOutlier } from './forests.ts'
import { sigmoid } from './linear.ts'
import { coupled } from './pair-coupling.ts'

/** [N, vectors] */
function kernel(flow: Flow, input: Block, vectors: Matrix, object: PythonObject): Block {
  const name = textOf(object, 'kernel')
  const gamma = numberOf(object, '_gamma')
  const width = vectors.rows
  if (name === 'rbf') {
    const away = squaredDistances(flow, input, vectors, object)
    return { value: flow.op('Exp', [flow.op('Mul', [away, flow.scalar(-gamma)])]), width }
  }
  const dots = product(flow, input, vectors, null, object)
  if (name === 'linear') return dots
  const scaled = flow.op('Add', [
    flow.op('Mul', [dots.value, flow.scalar(gamma)]),
    flow.scalar(numberOf(object, 'coef0')),
  ])
  if (name === 'sigmoid') return { value: flow.op('Tanh', [scaled]), width }
  if (name === 'poly') {
    const degree = flow.scalar(numberOf(object, 'degree'))
    return { value: flow.op('Pow', [scaled, degree]), width }
  }
  return refuse(object, `its kernel ${name} is not read`)
}

/** Σ dual · kernel + intercept: regression, and one class. */
function sums(flow: Flow, input: Block, object: PythonObject): string {
  const values = kernel(flow, input, matrixOf(object, 'support_vectors_'), object)
  const dual = matrixOf(object, '_dual_coef_')
  return product(flow, values, dual, vectorOf(object, '_intercept_'), object).value
}

const regress: Predictor = (flow, input, object) => ({
  classes: null,
  values: { value: sums(flow, input, object), width: 1 },
})

const oneClass: Predictor = (flow, input, object) => {
  const value = sums(flow, input, object)
  // A row on the border counts as inside for decision_function and outside for libsvm's predict.
  const below = flow.op('Sub', [flow.scalar(0), value])
  const outside = toOutlier(flow, below)
  return {
    classes: null,
    scores: { value, width: 1 },
    label: flow.op('Neg', [outside]),
  }
}

const classify: Predictor = (flow, input, object) => {
  const classes = classesOf(object)
  const values = kernel(flow, input, matrixOf(object, 'support_vectors_'), object)
  const pairs = pairsOf(object, classes.length)
  const decisions = product(flow, values, pairs, vectorOf(object, '_intercept_'), object)
  const [votes, ovr] = vote(flow, decisions, classes.length)
  // libsvm takes the first of those with most votes, scikit-learn's scores may break the tie.
  const breakTies = flagOf(object, 'break_ties')
  const two = classes.length === 2
  const scores = two ? negate(flow, decisions) : decisions
  const shaped =
    !two && textOf(object, 'decision_function_shape') === 'ovr'
      ? { value: ovr, width: classes.length }
      : scores
  const label = argMax(flow, breakTies && !two ? ovr : votes)
  const probabilities = probabilitiesOf(flow, decisions, classes.length, object)
  return { classes, scores: shaped, label, ...(probabilities === null ? {} : { probabilities }) }
}

/** libsvm's dual coefficients, by pair of classes: one row a pair, over all support vectors. */
function pairsOf(object: PythonObject, classes: number): Matrix {
  const dual = matrixOf(object, '_dual_coef_')
  const counts = vectorOf(object, has(object, '_n_support') ? '_n_support' : 'n_support_')
  const starts = [0]
  for (const count of counts) starts.push(starts.at(-1)! + count)
  if (dual.rows !== classes - 1 || counts.length !== classes || starts.at(-1) !== dual.columns) {
    refuse(object, 'its coefficients do not fit its classes')
  }
  const rows: Float64Array[] = []
  for (let one = 0; one < classes; one += 1) {
    for (let other = one + 1; other < classes; other += 1) {
      const row = new Float64Array(dual.columns)
      for (let at = starts[one]!; at < starts[one + 1]!; at += 1) {
        row[at] = dual.data[(other - 1) * dual.columns + at]!
      }
      for (let at = starts[other]!; at < starts[other + 1]!; at += 1) {
        row[at] = dual.data[one * dual.columns + at]!
      }
      rows.push(row)
    }
  }
  const data = new Float64Array(rows.length * dual.columns)
  for (const [at, row] of rows.entries()) data.set(row, at * dual.columns)
  return { rows: rows.length, columns: dual.columns, data }
}

/** Votes of the pairs, and the votes with ties broken by the sums of confidences, as scikit-learn has them. */
function vote(flow: Flow, decisions: Block, classes: number): [string, string] {
  const pairs = decisions.width
  const wins = new Float64Array(pairs * classes)
  const losses = new Float64Array(pairs * classes)
  let pair = 0
  for (let one = 0; one < classes; one += 1) {
    for (let other = one + 1; other < classes; other += 1) {
      wins[pair * classes + one] = 1
      losses[pair * classes + other] = 1
      pair += 1
    }
  }
  const positive = flow.cast(flow.op('Greater', [decisions.value, flow.scalar(0)]), 'float64')
  const rest = flow.op('Sub', [flow.scalar(1), positive])
  const won = flow.op('MatMul', [positive, flow.constant(wins, [pairs, classes])])
  const lost = flow.op('MatMul', [rest, flow.constant(losses, [pairs, classes])])
  const votes = flow.op('Add', [won, lost])
  const signs = wins.map((value, at) => value - losses[at]!)
  const trust = flow.op('MatMul', [decisions.value, flow.constant(signs, [pairs, classes])])
  const spread = flow.op('Add', [flow.op('Abs', [trust]), flow.scalar(1)])
  const small = flow.op('Div', [trust, flow.op('Mul', [spread, flow.scalar(3)])])
  return [votes, flow.op('Add', [votes, small])]
}

/** Platt's sigmoids of the pairs, coupled to probabilities of the classes; null where none were fitted. */
function probabilitiesOf(
  flow: Flow,
  decisions: Block,
  classes: number,
  object: PythonObject,
): string | null {
  // Since 1.8 it says "deprecated" where nobody asked.
  if (attribute(object, 'probability') !== true) return null
  const a = vectorOf(object, '_probA')
  const b = vectorOf(object, '_probB')
  if (a.length !== decisions.width || b.length !== decisions.width) return null
  const scaled = flow.op('Mul', [
    decisions.value,
    flow.constant(
      a.map((x) => -x),
      [1, a.length],
    ),
  ])
  const shifted = flow.op('Sub', [scaled, flow.constant(b, [1, b.length])])
  return coupled(flow, sigmoid(flow, shifted), classes)
}

const negate = (flow: Flow, block: Block): Block => ({
  ...block,
  value: flow.op('Neg', [block.value]),
})

export const KERNELS: Readonly<Record<string, Predictor>> = {
  SVC: classify,
  NuSVC: classify,
  SVR: regress,
  NuSVR: regress,
  OneClassSVM: oneClass,
}
