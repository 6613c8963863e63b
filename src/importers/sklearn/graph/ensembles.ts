// Models that ask several others: AdaBoost, bagging, voting, and a search's best.
import {
  attribute,
  listOf,
  objectOf,
  objectsOf,
  refuse,
  textOf,
  toList,
  vectorOf,
} from '../attributes.ts'
import { classesOf } from '../labels.ts'
import type { PythonObject } from '../python-object.ts'
import { stepsOf } from '../steps.ts'
import { argMax, labelOf, probabilitiesOf, rowSum, withMirror } from './class-scores.ts'
import {
  type Block,
  concatenate,
  type Flow,
  type Prediction,
  type Predictor,
  pick,
} from './flow.ts'

const DOUBLE_EPSILON = 2 ** -52

const adaBoostClassify: Predictor = (flow, input, object) => {
  const classes = classesOf(object)
  const count = classes.length
  const members = objectsOf(object, 'estimators_')
  const weights = vectorOf(object, 'estimator_weights_')
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const real = attribute(object, 'algorithm') === 'SAMME.R'
  const parts = members.map((member, at) => {
    const prediction = flow.predict(input, member)
    if (real) return displaced(flow, probabilitiesOf(prediction, count, object), count)
    return votes(flow, prediction, { count, weight: weights[at]!, object })
  })
  if (parts.length === 0) refuse(object, 'it has no members')
  const sum = parts.reduce((all, part) => flow.op('Add', [all, part]))
  const decision = flow.op('Div', [sum, flow.scalar(total)])
  const scores = count === 2 ? difference(flow, decision) : { value: decision, width: count }
  const halves = count === 2 ? withMirror(flow, scores.value) : decision
  const scale = count === 2 ? 0.5 : 1 / (count - 1)
  const shares = flow.op('Softmax', [flow.op('Mul', [halves, flow.scalar(scale)])], { axis: 1 })
  return { classes, scores, probabilities: shares, label: labelOf(flow, scores) }
}

/** SAMME.R: logarithms of probabilities against their mean. */
function displaced(flow: Flow, probabilities: string, count: number): string {
  const logs = flow.op('Log', [flow.op('Max', [probabilities, flow.scalar(DOUBLE_EPSILON)])])
  const mean = flow.op('Div', [rowSum(flow, logs), flow.scalar(count)])
  return flow.op('Mul', [flow.op('Sub', [logs, mean]), flow.scalar(count - 1)])
}

/** SAMME: the weight for the class that is named; since 1.5 something off for each other. */
function votes(
  flow: Flow,
  prediction: Prediction,
  {
    count,
    weight,
    object,
  }: { readonly count: number; readonly weight: number; readonly object: PythonObject },
): string {
  const hot = oneHot(flow, prediction, count, object)
  // The attribute of the older way is gone, or says "deprecated".
  const recent = attribute(object, 'algorithm') !== 'SAMME' || isSince15(object)
  const miss = recent ? -weight / (count - 1) : 0
  return flow.op('Add', [flow.op('Mul', [hot, flow.scalar(weight - miss)]), flow.scalar(miss)])
}

function isSince15(object: PythonObject): boolean {
  const version = attribute(object, '_sklearn_version')
  const [major, minor] = typeof version === 'string' ? version.split('.').map(Number) : []
  return major !== undefined && minor !== undefined && (major > 1 || (major === 1 && minor >= 5))
}

function oneHot(flow: Flow, prediction: Prediction, count: number, object: PythonObject): string {
  if (prediction.label === undefined || prediction.classes?.length !== count) {
    return refuse(object, 'its members do not know the same classes')
  }
  const column = flow.op('Unsqueeze', [prediction.label, flow.whole([1])])
  const all = flow.whole(Array.from({ length: count }, (_, at) => at))
  return flow.cast(flow.op('Equal', [column, all]), 'float64')
}

/** Second column less the first. */
function difference(flow: Flow, decision: string): Block {
  const column = (at: number) => flow.op('Gather', [decision, flow.whole([at])], { axis: 1 })
  return { value: flow.op('Sub', [column(1), column(0)]), width: 1 }
}

/** The median of the members' answers, each as heavy as its weight. */
const adaBoostRegress: Predictor = (flow, input, object) => {
  const members = objectsOf(object, 'estimators_')
  const weights = vectorOf(object, 'estimator_weights_').subarray(0, members.length)
  const count = members.length
  const answers = concatenate(
    flow,
    members.map((member) => valuesOf(flow, input, member, object)),
  )
  const [sorted, order] = flow.graph.nodes('TopK', [answers.value, flow.whole([count])], 2, {
    axis: 1,
    largest: 0,
    sorted: 1,
  }) as [string, string]
  const own = flow.op('Gather', [flow.constant(weights, [count]), order], { axis: 0 })
  const axis = flow.graph.initializer('axis', {
    type: 'int64',
    dims: [],
    data: BigInt64Array.of(1n),
  })
  const below = flow.op('CumSum', [own, axis])
  const half = flow.op('Mul', [rowSum(flow, own), flow.scalar(0.5)])
  const reached = flow.cast(flow.op('GreaterOrEqual', [below, half]), 'int32')
  const first = flow.op('ArgMax', [reached], { axis: 1, keepdims: 1 })
  return {
    classes: null,
    values: { value: flow.op('GatherElements', [sorted, first], { axis: 1 }), width: 1 },
  }
}

const bagClassify: Predictor = (flow, input, object) => {
  const classes = classesOf(object)
  const members = bagged(flow, input, object).map((prediction) =>
    probabilitiesOf(prediction, classes.length, object),
  )
  const probabilities = mean(flow, members)
  return { classes, probabilities, label: argMax(flow, probabilities) }
}

const bagRegress: Predictor = (flow, input, object) => {
  const members = bagged(flow, input, object).map(({ values }) => values)
  const width = members[0]?.width ?? 0
  const values = members.map(
    (block) => block?.value ?? refuse(object, 'a part of it has no values'),
  )
  return { classes: null, values: { value: mean(flow, values), width } }
}

function bagged(flow: Flow, input: Block, object: PythonObject): Prediction[] {
  const features = listOf(object, 'estimators_features_')
  return objectsOf(object, 'estimators_').map((member, at) => {
    const columns = toList(features[at] ?? null) as readonly number[] | null
    return flow.predict(columns === null ? input : pick(flow, input, columns, object), member)
  })
}

const voteClassify: Predictor = (flow, input, object) => {
  const encoder = objectOf(object, 'le_')
  const classes = classesOf(encoder)
  const members = objectsOf(object, 'estimators_').map((member) => flow.predict(input, member))
  const weights = votingWeights(object, members.length)
  const soft = textOf(object, 'voting') === 'soft'
  const parts = members.map((prediction) =>
    soft
      ? probabilitiesOf(prediction, classes.length, object)
      : oneHot(flow, prediction, classes.length, object),
  )
  const shares = mean(flow, parts, weights)
  const label = argMax(flow, shares)
  return soft ? { classes, probabilities: shares, label } : { classes, label }
}

const voteRegress: Predictor = (flow, input, object) => {
  const members = objectsOf(object, 'estimators_').map((member) =>
    valuesOf(flow, input, member, object),
  )
  const values = members.map(({ value }) => value)
  const value = mean(flow, values, votingWeights(object, members.length))
  return { classes: null, values: { value, width: members[0]?.width ?? 0 } }
}

/** Those that were dropped have none. */
function votingWeights(object: PythonObject, members: number): Float64Array {
  if (attribute(object, 'weights') === null) return new Float64Array(members).fill(1)
  const weights = vectorOf(object, 'weights')
  return weights.length === members ? weights : refuse(object, 'it has not one weight a member')
}

function valuesOf(flow: Flow, input: Block, member: PythonObject, object: PythonObject): Block {
  return flow.predict(input, member).values ?? refuse(object, 'a part of it has no values')
}

function mean(flow: Flow, parts: readonly string[], weights?: Float64Array): string {
  const weighed = parts.map((part, at) =>
    weights === undefined ? part : flow.op('Mul', [part, flow.scalar(weights[at]!)]),
  )
  const total = weights?.reduce((sum, weight) => sum + weight, 0) ?? parts.length
  const sum = weighed.reduce((all, part) => flow.op('Add', [all, part]))
  return flow.op('Div', [sum, flow.scalar(total)])
}

/** A pipeline as a part: its steps, then its model. */
const pipeline: Predictor = (flow, input, object) => {
  const steps = stepsOf(object)
  const last = steps.at(-1) ?? refuse(object, 'it has no steps')
  const block = steps.slice(0, -1).reduce((all, step) => flow.transform(all, step.object), input)
  return flow.predict(block, last.object)
}

export const ENSEMBLES: Readonly<Record<string, Predictor>> = {
  AdaBoostClassifier: adaBoostClassify,
  AdaBoostRegressor: adaBoostRegress,
  BaggingClassifier: bagClassify,
  BaggingRegressor: bagRegress,
  VotingClassifier: voteClassify,
  VotingRegressor: voteRegress,
  Pipeline: pipeline,
  GridSearchCV: pipeline,
  RandomizedSearchCV: pipeline,
}
