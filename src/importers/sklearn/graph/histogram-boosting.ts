// HistGradientBoosting: trees over float64 with missing values and sets of categories.

import { NumpyArray } from '../../numpy/array.ts'
import {
  arrayOf,
  attribute,
  listOf,
  recordsOf,
  refuse,
  textOf,
  toFloats,
  toList,
  vectorOf,
} from '../attributes.ts'
import { classesOf } from '../labels.ts'
import { PythonObject } from '../python-object.ts'
import { toPrediction } from './boosting.ts'
import type { Block, Flow, Predictor } from './flow.ts'
import { type Tree, treeEnsemble } from './tree-ensemble.ts'

const BITS = 32
const WORDS = 8

interface HistogramTree extends Tree {
  readonly value: Float64Array
}

const classify: Predictor = (flow, input, object) => {
  const classes = classesOf(object)
  const columns = classes.length === 2 ? 1 : classes.length
  return toPrediction(flow, boosted(flow, input, object, columns), classes)
}

const regress: Predictor = (flow, input, object) => {
  const loss = textOf(object, 'loss')
  const sums = boosted(flow, input, object, 1)
  const logarithmic = loss === 'poisson' || loss === 'gamma'
  return {
    classes: null,
    values: logarithmic ? { ...sums, value: flow.op('Exp', [sums.value]) } : sums,
  }
}

function boosted(flow: Flow, given: Block, object: PythonObject, columns: number): Block {
  const preprocessor = attribute(object, '_preprocessor')
  const input = preprocessor instanceof PythonObject ? flow.transform(given, preprocessor) : given
  const trees: HistogramTree[] = []
  for (const stage of listOf(object, '_predictors')) {
    for (const tree of toList(stage) ?? []) {
      if (!(tree instanceof PythonObject)) refuse(object, 'its trees are damaged')
      trees.push(treeOf(tree))
    }
  }
  if (trees.length === 0 || trees.length % columns !== 0) {
    refuse(object, 'its trees do not fit its classes')
  }
  const leaf = (tree: number, node: number) => ({
    target: tree % columns,
    weight: trees[tree]!.value[node]!,
  })
  const sums = treeEnsemble(flow, input, trees, { targets: columns, leaf, object })
  const first = vectorOf(object, '_baseline_prediction')
  const baseline =
    first.length === 1 ? flow.scalar(first[0]!) : flow.constant(first, [1, first.length])
  if (first.length !== 1 && first.length !== columns) refuse(object, 'its first guess is damaged')
  return { ...sums, value: flow.op('Add', [sums.value, baseline]) }
}

function treeOf(predictor: PythonObject): HistogramTree {
  const nodes = recordsOf(predictor, 'nodes')
  const column = (name: string): Float64Array | null => {
    const array = new NumpyArray()
    const values = nodes.get(name)
    if (values === undefined) return null
    array.values = values
    return toFloats(array)
  }
  const need = (name: string) => column(name) ?? refuse(predictor, `its nodes have no ${name}`)
  const isLeaf = need('is_leaf')
  const left = need('left').map((child, node) => (isLeaf[node] === 1 ? -1 : child))
  const categorical = column('is_categorical')
  const sets = categorical?.includes(1) ? need('bitset_idx') : null
  return {
    left,
    right: need('right'),
    feature: need('feature_idx'),
    threshold: column('num_threshold') ?? need('threshold'),
    missingLeft: need('missing_go_to_left'),
    value: need('value'),
    ...(sets === null || categorical === null
      ? {}
      : { members: membersOf(predictor, categorical, sets) }),
  }
}

/** Bit sets of 256 categories, eight words each. */
function membersOf(predictor: PythonObject, categorical: Float64Array, sets: Float64Array) {
  const words = toFloats(arrayOf(predictor, 'raw_left_cat_bitsets'))
  return (node: number): readonly number[] | null => {
    if (categorical[node] !== 1) return null
    const start = sets[node]! * WORDS
    const found: number[] = []
    for (let bit = 0; bit < BITS * WORDS; bit += 1) {
      const word = words[start + Math.floor(bit / BITS)] ?? 0
      if (Math.floor(word / 2 ** (bit % BITS)) % 2 === 1) found.push(bit)
    }
    return found
  }
}

export const HISTOGRAM_BOOSTING: Readonly<Record<string, Predictor>> = {
  HistGradientBoostingClassifier: classify,
  HistGradientBoostingRegressor: regress,
}
