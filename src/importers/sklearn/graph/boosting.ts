// Gradient boosting: sums of regression trees on top of a first guess.
import { attribute, numberOf, refuse, textOf, toList, vectorOf } from '../attributes.ts'
import { classesOf } from '../labels.ts'
import { PythonObject } from '../python-object.ts'
import { labelOf, probabilitiesOf, withFirst } from './class-scores.ts'
import type { Block, Flow, Prediction, Predictor } from './flow.ts'
import { sigmoid } from './linear.ts'
import { treeEnsemble } from './tree-ensemble.ts'
import { asAsked, type FittedTree, treeOf } from './tree-values.ts'

/** float32's, by which scikit-learn keeps first guesses off 0 and 1. */
const EPSILON = 2 ** -23

const classify: Predictor = (flow, input, object) => {
  const classes = classesOf(object)
  const columns = classes.length === 2 ? 1 : classes.length
  const scores = boosted(flow, input, object, {
    columns,
    first: () => firstGuess(flow, input, object, classes.length),
  })
  const factor = textOf(object, 'loss') === 'exponential' ? 2 : 1
  return toPrediction(flow, scores, classes, factor)
}

/** Margins of the classes → probabilities. */
export function toPrediction(
  flow: Flow,
  scores: Block,
  classes: readonly string[],
  factor = 1,
): Prediction {
  const label = labelOf(flow, scores)
  if (scores.width > 1) {
    const probabilities = flow.op('Softmax', [scores.value], { axis: 1 })
    return { classes, scores, label, probabilities }
  }
  const scaled = factor === 1 ? scores.value : flow.op('Mul', [scores.value, flow.scalar(factor)])
  return { classes, scores, label, probabilities: withFirst(flow, sigmoid(flow, scaled)) }
}

const regress: Predictor = (flow, input, object) => {
  const first = () => {
    const init = attribute(object, 'init_')
    if (!(init instanceof PythonObject)) return null
    return flow.predict(input, init).values?.value ?? refuse(object, 'its init is no regressor')
  }
  return { classes: null, values: boosted(flow, input, object, { columns: 1, first }) }
}

function boosted(
  flow: Flow,
  input: Block,
  object: PythonObject,
  { columns, first }: { readonly columns: number; readonly first: () => string | null },
): Block {
  const stages = toList(attribute(object, 'estimators_'))
  const trees: FittedTree[] = []
  for (const tree of stages?.flat() ?? []) {
    if (!(tree instanceof PythonObject)) refuse(object, 'its estimators_ are no trees')
    trees.push(treeOf(tree))
  }
  if (
    trees.length === 0 ||
    trees.length % columns !== 0 ||
    trees.some(({ width }) => width !== 1)
  ) {
    refuse(object, 'its trees do not fit its classes')
  }
  const rate = numberOf(object, 'learning_rate')
  const leaf = (tree: number, node: number) => ({
    target: tree % columns,
    weight: rate * trees[tree]!.values[node]!,
  })
  const asked = asAsked(flow, input)
  const sums = treeEnsemble(flow, asked, trees, { targets: columns, leaf, object })
  const start = first()
  return start === null ? sums : { ...sums, value: flow.op('Add', [start, sums.value]) }
}

/** Logits of what `init_` says; null where the first guess is zero. */
function firstGuess(
  flow: Flow,
  input: Block,
  object: PythonObject,
  classes: number,
): string | null {
  const init = attribute(object, 'init_')
  if (!(init instanceof PythonObject)) return null
  const all = probabilitiesOf(flow.predict(input, init), classes, object)
  const one = flow.op('Gather', [all, flow.whole([1])], { axis: 1 })
  const shares = flow.op('Clip', [
    classes === 2 ? one : all,
    flow.scalar(EPSILON),
    flow.scalar(1 - EPSILON),
  ])
  if (classes === 2) {
    const rest = flow.op('Sub', [flow.scalar(1), shares])
    const logit = flow.op('Log', [flow.op('Div', [shares, rest])])
    const half = textOf(object, 'loss') === 'exponential'
    return half ? flow.op('Mul', [logit, flow.scalar(0.5)]) : logit
  }
  const logs = flow.op('Log', [shares])
  if (!isRecent(object)) return logs
  return flow.op('Sub', [logs, flow.op('ReduceMean', [logs], { axes: [1], keepdims: 1 })])
}

/** Since 1.4 the logits of several classes are taken against their geometric mean. */
function isRecent(object: PythonObject): boolean {
  const loss = attribute(object, '_loss') ?? attribute(object, 'loss_')
  return loss instanceof PythonObject && loss.type.startsWith('sklearn._loss.')
}

const dummyClassify: Predictor = (flow, input, object) => {
  const classes = classesOf(object)
  const strategy = textOf(object, 'strategy')
  if (strategy !== 'prior') refuse(object, `its strategy ${strategy} is not read`)
  const priors = vectorOf(object, 'class_prior_')
  const zeros = flow.op('Mul', [firstColumn(flow, input), flow.scalar(0)])
  const probabilities = flow.op('Add', [zeros, flow.constant(priors, [1, priors.length])])
  const best = priors.indexOf(Math.max(...priors))
  const column = flow.op('Add', [zeros, flow.scalar(best)])
  const label = flow.op('Reshape', [flow.cast(column, 'int64'), flow.whole([-1])])
  return { classes, probabilities, label }
}

const dummyRegress: Predictor = (flow, input, object) => {
  const constant = vectorOf(object, 'constant_')
  const zeros = flow.op('Mul', [firstColumn(flow, input), flow.scalar(0)])
  const value = flow.op('Add', [zeros, flow.constant(constant, [1, constant.length])])
  return { classes: null, values: { value, width: constant.length } }
}

const firstColumn = (flow: Flow, input: Block): string =>
  flow.op('Gather', [input.value, flow.whole([0])], { axis: 1 })

export const BOOSTING: Readonly<Record<string, Predictor>> = {
  GradientBoostingClassifier: classify,
  GradientBoostingRegressor: regress,
  DummyClassifier: dummyClassify,
  DummyRegressor: dummyRegress,
}
