// Single trees, forests and extra trees; isolation forests.
import { attribute, listOf, numberOf, objectsOf, refuse, toList } from '../attributes.ts'
import { classesOf } from '../labels.ts'
import type { PythonObject } from '../python-object.ts'
import { argMax } from './class-scores.ts'
import type { Predictor } from './flow.ts'
import { treeEnsemble } from './tree-ensemble.ts'
import { asAsked, type FittedTree, meanOfLeaves, treeOf } from './tree-values.ts'

const classify: Predictor = (flow, input, object) => {
  const classes = classesOf(object)
  const trees = treesOf(object)
  if (trees.some(({ width }) => width !== classes.length)) {
    refuse(object, 'its trees answer with more than one label')
  }
  const { value } = meanOfLeaves(flow, input, trees, {
    width: classes.length,
    row: sharesOf,
    object,
  })
  return { classes, probabilities: value, label: argMax(flow, value) }
}

const regress: Predictor = (flow, input, object) => {
  const trees = treesOf(object)
  const width = trees[0]!.width
  if (trees.some((tree) => tree.width !== width)) refuse(object, 'its trees differ in outputs')
  const row = ({ values }: FittedTree, node: number) =>
    values.subarray(node * width, (node + 1) * width)
  return { classes: null, values: meanOfLeaves(flow, input, trees, { width, row, object }) }
}

function treesOf(object: PythonObject): readonly FittedTree[] {
  if (attribute(object, 'tree_') !== null) return [treeOf(object)]
  const trees = objectsOf(object, 'estimators_').map((tree) => treeOf(tree))
  return trees.length === 0 ? refuse(object, 'it has no trees') : trees
}

/** Counts of training rows until 1.2, shares of them since. */
function sharesOf({ values, width }: FittedTree, node: number): Float64Array {
  const counts = values.subarray(node * width, (node + 1) * width)
  const total = counts.reduce((sum, count) => sum + count, 0)
  return counts.map((count) => (total === 0 ? count : count / total))
}

/** decision_function: how deep a row falls, against how deep rows fall on average. */
const isolate: Predictor = (flow, input, object) => {
  const features = listOf(object, 'estimators_features_')
  const trees = objectsOf(object, 'estimators_').map((tree, at) =>
    treeOf(tree, toList(features[at] ?? null) as readonly number[] | null),
  )
  const depths = trees.map(depthsOf)
  const leaf = (tree: number, node: number) => ({
    target: 0,
    weight: depths[tree]![node]! + averagePath(trees[tree]!.samples[node]!),
  })
  const asked = asAsked(flow, input)
  const { value } = treeEnsemble(flow, asked, trees, { targets: 1, leaf, object })
  const whole = trees.length * averagePath(numberOf(object, '_max_samples'))
  const ratio =
    whole === 0 ? flow.op('Neg', [flow.scalar(1)]) : flow.op('Div', [value, flow.scalar(-whole)])
  const power = flow.op('Pow', [flow.scalar(2), ratio])
  const offset = flow.scalar(numberOf(object, 'offset_'))
  const scores = flow.op('Sub', [flow.op('Neg', [power]), offset])
  return { classes: null, scores: { value: scores, width: 1 }, label: toOutlier(flow, scores) }
}

/** Edges from the root to each node. */
function depthsOf({ left, right }: FittedTree): Float64Array {
  const depths = new Float64Array(left.length)
  for (let node = 0; node < depths.length; node += 1) {
    if (left[node]! < 0) continue
    depths[left[node]!] = depths[node]! + 1
    depths[right[node]!] = depths[node]! + 1
  }
  return depths
}

/** Mean depth at which a binary tree of `count` rows sets one apart. */
function averagePath(count: number): number {
  if (count <= 1) return 0
  if (count <= 2) return 1
  return 2 * (Math.log(count - 1) + EULER_GAMMA) - (2 * (count - 1)) / count
}

const EULER_GAMMA = 0.5772156649015329

/** int64 [N]: -1 below zero, else 1. */
export function toOutlier(flow: Parameters<Predictor>[0], scores: string): string {
  const below = flow.cast(flow.op('Less', [scores, flow.scalar(0)]), 'int64')
  const label = flow.op('Sub', [flow.whole([1]), flow.op('Mul', [below, flow.whole([2])])])
  return flow.op('Reshape', [label, flow.whole([-1])])
}

export const FORESTS: Readonly<Record<string, Predictor>> = {
  DecisionTreeClassifier: classify,
  ExtraTreeClassifier: classify,
  RandomForestClassifier: classify,
  ExtraTreesClassifier: classify,
  DecisionTreeRegressor: regress,
  ExtraTreeRegressor: regress,
  RandomForestRegressor: regress,
  ExtraTreesRegressor: regress,
  IsolationForest: isolate,
}
