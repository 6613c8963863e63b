// Linear classifiers and regressors, naive Bayes.
import { matrixOf, refuse, vectorOf } from '../attributes.ts'
import { classesOf } from '../labels.ts'
import { linkOf, MARGIN_CLASSIFIERS } from '../linear/link.ts'
import { checkColumns, marginsOf } from '../linear/margins.ts'
import { binarizeOf, DISCRETE_BAYES, likelihoodsOf } from '../linear/naive-bayes.ts'
import { argMax, labelOf, share, withFirst, withMirror } from './class-scores.ts'
import { type Block, type Flow, type Predictor, product } from './flow.ts'

const REGRESSORS = [
  ...['LinearRegression', 'Ridge', 'RidgeCV', 'Lasso', 'LassoCV', 'ElasticNet', 'ElasticNetCV'],
  ...['SGDRegressor', 'LinearSVR', 'HuberRegressor', 'PassiveAggressiveRegressor'],
]

const classify: Predictor = (flow, input, object) => {
  const classes = classesOf(object)
  const { weights, biases } = marginsOf(object)
  checkColumns(object, weights.rows, classes.length)
  const scores = product(flow, input, weights, biases, object)
  const link = linkOf(object, classes.length)
  const probabilities = link === 'none' ? {} : { probabilities: toShares(flow, scores, link) }
  return { classes, scores, label: labelOf(flow, scores), ...probabilities }
}

function toShares(flow: Flow, scores: Block, link: 'softmax' | 'sigmoid' | 'ratio'): string {
  const { value, width } = scores
  if (link === 'softmax') {
    return flow.op('Softmax', [width === 1 ? withMirror(flow, value) : value], { axis: 1 })
  }
  if (link === 'sigmoid') {
    const sigmoids = sigmoid(flow, value)
    return width === 1 ? withFirst(flow, sigmoids) : share(flow, sigmoids, width)
  }
  // Modified Huber: the margin cut off at -1 and 1, brought to 0..1.
  const cut = flow.op('Clip', [value, flow.scalar(-1), flow.scalar(1)])
  const ratio = flow.op('Div', [flow.op('Add', [cut, flow.scalar(1)]), flow.scalar(2)])
  return width === 1 ? withFirst(flow, ratio) : share(flow, ratio, width)
}

/** Not the operator Sigmoid: onnxruntime's is cut off for small results. */
export function sigmoid(flow: Flow, value: string): string {
  const odds = flow.op('Exp', [flow.op('Neg', [value])])
  return flow.op('Reciprocal', [flow.op('Add', [odds, flow.scalar(1)])])
}

const regress: Predictor = (flow, input, object) => {
  const { weights, biases } = marginsOf(object)
  return { classes: null, values: product(flow, input, weights, biases, object) }
}

const discreteBayes: Predictor = (flow, input, object) => {
  const classes = classesOf(object)
  const threshold = binarizeOf(object)
  const { weights, biases } = likelihoodsOf(object)
  if (weights.rows !== classes.length) refuse(object, 'it has not one row of weights a class')
  const taken = threshold === null ? input : binarize(flow, input, threshold)
  const { value } = product(flow, taken, weights, biases, object)
  return fromLogs(flow, value, classes)
}

export function binarize(flow: Flow, input: Block, threshold: number): Block {
  const above = flow.op('Greater', [input.value, flow.scalar(threshold)])
  return { ...input, value: flow.cast(above, 'float64') }
}

/** log p = log prior - ½ Σ log(2πσ²) - ½ Σ (x - θ)² / σ², the squares multiplied out class by class. */
const gaussianBayes: Predictor = (flow, input, object) => {
  const classes = classesOf(object)
  const means = matrixOf(object, 'theta_')
  const variances = matrixOf(object, object.attributes.has('var_') ? 'var_' : 'sigma_')
  const priors = vectorOf(object, 'class_prior_')
  const [rows, features] = [classes.length, input.width]
  for (const found of [means, variances]) {
    if (found.rows !== rows || found.columns !== features) refuse(object, 'its sizes differ')
  }
  const each = flow.op('Unsqueeze', [input.value, flow.whole([1])])
  const away = flow.op('Sub', [each, flow.constant(means.data, [1, rows, features])])
  const scaled = flow.op('Div', [
    flow.op('Mul', [away, away]),
    flow.constant(variances.data, [1, rows, features]),
  ])
  const sums = flow.op('ReduceSum', [scaled, flow.whole([2])], { keepdims: 0 })
  const constants = Float64Array.from({ length: rows }, (_, row) => {
    const own = variances.data.subarray(row * features, (row + 1) * features)
    return Math.log(priors[row]!) - 0.5 * own.reduce((sum, v) => sum + Math.log(2 * Math.PI * v), 0)
  })
  const halves = flow.op('Mul', [sums, flow.scalar(-0.5)])
  const logs = flow.op('Add', [halves, flow.constant(constants, [1, rows])])
  return fromLogs(flow, logs, classes)
}

function fromLogs(flow: Flow, logs: string, classes: readonly string[]) {
  const probabilities = flow.op('Softmax', [logs], { axis: 1 })
  return { classes, probabilities, label: argMax(flow, logs) }
}

const table = (names: Iterable<string>, predictor: Predictor) =>
  Object.fromEntries([...names].map((name) => [name, predictor]))

export const LINEAR: Readonly<Record<string, Predictor>> = {
  ...table(MARGIN_CLASSIFIERS, classify),
  ...table(REGRESSORS, regress),
  ...table(DISCRETE_BAYES, discreteBayes),
  GaussianNB: gaussianBayes,
}
