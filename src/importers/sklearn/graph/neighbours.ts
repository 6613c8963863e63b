// Nearest neighbours over the stored training rows, and the clusters of KMeans.
import { attribute, matrixOf, numberOf, refuse, textOf, vectorOf } from '../attributes.ts'
import { classesOf } from '../labels.ts'
import type { PythonObject } from '../python-object.ts'
import { argMax, rowMax, rowSum } from './class-scores.ts'
import { exactDistances } from './distances.ts'
import type { Block, Flow, Predictor, Transformer } from './flow.ts'

const METRICS: ReadonlySet<string> = new Set([
  ...['minkowski', 'euclidean', 'manhattan', 'cityblock', 'l1', 'l2', 'chebyshev', 'cosine'],
])

interface Neighbours {
  /** int64 [N, k] */
  readonly places: string
  /** float64 [N, k]; all 1 where they count the same */
  readonly weights: string
}

function nearest(flow: Flow, input: Block, object: PythonObject): Neighbours {
  const named = attribute(object, 'effective_metric_') ?? attribute(object, 'metric')
  if (typeof named !== 'string' || !METRICS.has(named)) {
    return refuse(object, `its metric ${String(named)} is not read`)
  }
  const metric =
    named === 'cityblock' || named === 'l1' ? 'manhattan' : named === 'l2' ? 'euclidean' : named
  const rows = matrixOf(object, '_fit_X')
  const power = metric === 'minkowski' ? powerOf(object) : 0
  const away = exactDistances(flow, input, rows, { metric, power, object })
  const k = numberOf(object, 'n_neighbors')
  if (!(k >= 1 && k <= rows.rows)) refuse(object, `it asks ${k} of ${rows.rows} rows`)
  const [near, places] = flow.graph.nodes('TopK', [away, flow.whole([k])], 2, {
    axis: 1,
    largest: 0,
    sorted: 1,
  }) as [string, string]
  return { places, weights: weigh(flow, near, object) }
}

function powerOf(object: PythonObject): number {
  const found = attribute(object, 'effective_metric_params_')
  const power = found instanceof Map ? found.get('p') : undefined
  return typeof power === 'number' ? power : numberOf(object, 'p')
}

function weigh(flow: Flow, near: string, object: PythonObject): string {
  const weights = textOf(object, 'weights')
  const ones = flow.op('Add', [flow.op('Mul', [near, flow.scalar(0)]), flow.scalar(1)])
  if (weights === 'uniform') return ones
  if (weights !== 'distance') refuse(object, 'its weights are code of its own')
  const same = flow.op('Equal', [near, flow.scalar(0)])
  const hits = flow.cast(same, 'float64')
  const any = flow.op('Greater', [rowMax(flow, hits), flow.scalar(0)])
  const safe = flow.op('Where', [same, ones, near])
  return flow.op('Where', [any, hits, flow.op('Reciprocal', [safe])])
}

const classify: Predictor = (flow, input, object) => {
  const classes = classesOf(object)
  const { places, weights } = nearest(flow, input, object)
  const targets = vectorOf(object, '_y')
  const hot = new Float64Array(targets.length * classes.length)
  for (const [at, target] of targets.entries()) {
    if (!(target >= 0 && target < classes.length)) refuse(object, 'it has more than one target')
    hot[at * classes.length + target] = 1
  }
  const table = flow.constant(hot, [targets.length, classes.length])
  const votes = average(flow, table, places, weights)
  const probabilities = flow.op('Div', [votes, rowSum(flow, votes)])
  return { classes, probabilities, label: argMax(flow, votes) }
}

const regress: Predictor = (flow, input, object) => {
  const { places, weights } = nearest(flow, input, object)
  const targets = matrixOf(object, '_y')
  const one = targets.rows === 1
  const width = one ? 1 : targets.columns
  const count = one ? targets.columns : targets.rows
  const table = flow.constant(targets.data, [count, width])
  const sums = average(flow, table, places, weights)
  const value = flow.op('Div', [sums, rowSum(flow, weights)])
  return { classes: null, values: { value, width } }
}

/** Weighted sum of the table's rows at the places. */
function average(flow: Flow, table: string, places: string, weights: string): string {
  const rows = flow.op('Gather', [table, places], { axis: 0 })
  const weighed = flow.op('Mul', [rows, flow.op('Unsqueeze', [weights, flow.whole([2])])])
  return flow.op('ReduceSum', [weighed, flow.whole([1])], { keepdims: 0 })
}

const toCentres: Transformer = (flow, input, object) => {
  const centres = matrixOf(object, 'cluster_centers_')
  const options = { metric: 'euclidean', power: 2, object }
  return { value: exactDistances(flow, input, centres, options), width: centres.rows }
}

const cluster: Predictor = (flow, input, object) => {
  const { value } = toCentres(flow, input, object)
  const label = flow.op('ArgMin', [value], { axis: 1, keepdims: 0 })
  return { classes: null, label }
}

export const NEIGHBOURS: Readonly<Record<string, Predictor>> = {
  KNeighborsClassifier: classify,
  KNeighborsRegressor: regress,
  KMeans: cluster,
  MiniBatchKMeans: cluster,
}

export const CLUSTER_DISTANCES: Readonly<Record<string, Transformer>> = {
  KMeans: toCentres,
  MiniBatchKMeans: toCentres,
}
