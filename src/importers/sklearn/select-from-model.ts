// SelectFromModel: which columns a model finds important, by its weights or by what its trees gain from them.
import { attribute, has, matrixOf, numberOf, objectOf, objectsOf, refuse } from './attributes.ts'
import { type FittedTree, treeOf } from './graph/tree-values.ts'
import type { PythonObject } from './python-object.ts'

const SMALLEST = 1e-5

/** Ascending columns. */
export function keepImportant(object: PythonObject): readonly number[] {
  const estimator = has(object, 'estimator_')
    ? objectOf(object, 'estimator_')
    : objectOf(object, 'estimator')
  const scores = importances(object, estimator)
  const threshold = thresholdOf(object, estimator, scores)
  const most = has(object, 'max_features') ? numberOf(object, 'max_features') : scores.length
  // Of equal ones the earlier columns come first.
  const order = Array.from(scores.keys()).sort((a, b) => scores[b]! - scores[a]! || a - b)
  return order
    .slice(0, most)
    .filter((at) => scores[at]! >= threshold)
    .sort((a, b) => a - b)
}

function importances(object: PythonObject, estimator: PythonObject): Float64Array {
  if ((attribute(object, 'importance_getter') ?? 'auto') !== 'auto') {
    refuse(object, 'its importance_getter is of its own')
  }
  if (has(estimator, 'coef_')) return norms(object, estimator)
  const forest = /^(RandomForest|ExtraTrees)(Classifier|Regressor)$/.test(estimator.kind)
  if (forest) return meanGain(objectsOf(estimator, 'estimators_'))
  if (/^(DecisionTree|ExtraTree)(Classifier|Regressor)$/.test(estimator.kind)) {
    return gains(estimator)
  }
  return refuse(object, `the importances of ${estimator.kind} are not computed here`)
}

/** Of each column of the weights; of one row their size. */
function norms(object: PythonObject, estimator: PythonObject): Float64Array {
  const { rows, columns, data } = matrixOf(estimator, 'coef_')
  const order = attribute(object, 'norm_order') ?? 1
  if (order !== 1 && order !== 2 && order !== Number.POSITIVE_INFINITY) {
    refuse(object, `its norm_order is ${String(order)}`)
  }
  return Float64Array.from({ length: columns }, (_, column) => {
    const sizes = Array.from({ length: rows }, (_, row) => Math.abs(data[row * columns + column]!))
    if (order === Number.POSITIVE_INFINITY) return Math.max(...sizes)
    const sum = sizes.reduce((all, size) => all + size ** order, 0)
    return order === 1 ? sum : Math.sqrt(sum)
  })
}

/** What impurity each feature takes away, as a share of all. */
function gains(object: PythonObject): Float64Array {
  const tree: FittedTree = treeOf(object)
  const features = numberOf(
    object,
    has(object, 'n_features_in_') ? 'n_features_in_' : 'n_features_',
  )
  const gained = new Float64Array(features)
  const weighed = (node: number): number => tree.impurity[node]! * tree.weight[node]!
  for (let node = 0; node < tree.left.length; node += 1) {
    const [left, right] = [tree.left[node]!, tree.right[node]!]
    if (left === -1) continue
    if (!(left < tree.left.length && right < tree.left.length && left > 0 && right > 0)) {
      refuse(object, 'one of its trees is damaged')
    }
    gained[tree.feature[node]!]! += weighed(node) - weighed(left) - weighed(right)
  }
  const total = gained.reduce((sum, gain) => sum + gain, 0)
  return total > 0 ? gained.map((gain) => gain / total) : gained
}

/** Trees of one leaf say nothing. */
function meanGain(trees: readonly PythonObject[]): Float64Array {
  const parts = trees.filter((tree) => treeOf(tree).left.length > 1).map(gains)
  const first = parts[0] ?? gains(trees[0]!)
  const sum = first.map((_, at) => parts.reduce((all, part) => all + part[at]!, 0))
  const total = sum.reduce((all, gain) => all + gain, 0)
  return total > 0 ? sum.map((gain) => gain / total) : sum
}

/** A number, or `mean`, `median`, `1.25*mean`; weights that were made sparse are kept where they are not zero. */
function thresholdOf(object: PythonObject, estimator: PythonObject, scores: Float64Array): number {
  const asked = attribute(object, 'threshold')
  if (typeof asked === 'number') return asked
  const sparse =
    attribute(estimator, 'penalty') === 'l1' ||
    estimator.kind.includes('Lasso') ||
    (/^ElasticNet/.test(estimator.kind) && attribute(estimator, 'l1_ratio') === 1)
  if (asked === null && sparse) return SMALLEST
  const found = /^(?:([\d.eE+-]+)\s*\*\s*)?(mean|median)$/.exec(
    asked === null ? 'mean' : String(asked),
  )
  if (found === null) return refuse(object, `its threshold is ${String(asked)}`)
  const reference = found[2] === 'mean' ? mean(scores) : median(scores)
  return Number(found[1] ?? 1) * reference
}

const mean = (values: Float64Array): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

function median(values: Float64Array): number {
  const sorted = values.slice().sort()
  const [low, high] = [Math.floor((sorted.length - 1) / 2), Math.ceil((sorted.length - 1) / 2)]
  return (sorted[low]! + sorted[high]!) / 2
}
