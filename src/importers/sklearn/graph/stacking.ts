// Models behind models: stacking, where one model is asked what others answered, and regressors of a changed target.
import {
  attribute,
  listOf,
  objectOf,
  objectsOf,
  referenceOf,
  refuse,
  vectorOf,
} from '../attributes.ts'
import { classesOf } from '../labels.ts'
import type { PythonObject } from '../python-object.ts'
import {
  type Block,
  concatenate,
  type Flow,
  type Prediction,
  type Predictor,
  perFeature,
  pick,
} from './flow.ts'

/** The members' answers side by side, then the features themselves where they are passed on. */
function answersOf(flow: Flow, input: Block, object: PythonObject): Block {
  const members = objectsOf(object, 'estimators_')
  const methods = listOf(object, 'stack_method_')
  if (members.length === 0 || members.length !== methods.length) {
    refuse(object, 'its parts and their methods do not fit')
  }
  const blocks = members.map((member, at) =>
    answer(flow, flow.predict(input, member), methods[at], object),
  )
  return concatenate(flow, attribute(object, 'passthrough') === true ? [...blocks, input] : blocks)
}

function answer(flow: Flow, prediction: Prediction, method: unknown, object: PythonObject): Block {
  const { probabilities, scores, values, label, classes } = prediction
  if (method === 'predict_proba' && probabilities !== undefined && classes !== null) {
    const all = { value: probabilities, width: classes.length }
    // Of two classes the first is what the second leaves.
    return classes.length === 2 ? pick(flow, all, [1], object) : all
  }
  if (method === 'decision_function' && scores !== undefined) return scores
  if (method === 'predict' && values !== undefined) return values
  if (method === 'predict' && label !== undefined) {
    const column = flow.op('Unsqueeze', [label, flow.whole([1])])
    return { value: flow.cast(column, 'float64'), width: 1 }
  }
  return refuse(object, `a part of it has no ${String(method)}`)
}

/** Members and the last model know the classes by their index. */
const stackClassify: Predictor = (flow, input, object) => {
  const classes = classesOf(object)
  const last = flow.predict(answersOf(flow, input, object), objectOf(object, 'final_estimator_'))
  if (last.classes?.length !== classes.length) refuse(object, 'its last part knows other classes')
  return { ...last, classes }
}

const stackRegress: Predictor = (flow, input, object) =>
  flow.predict(answersOf(flow, input, object), objectOf(object, 'final_estimator_'))

const changedTarget: Predictor = (flow, input, object) => {
  const { values } = flow.predict(input, objectOf(object, 'regressor_'))
  if (values === undefined) return refuse(object, 'its regressor has no values')
  return { classes: null, values: changeBack(flow, values, objectOf(object, 'transformer_')) }
}

type Inverse = (flow: Flow, values: Block, object: PythonObject) => string

/** value · of + by, where the transformer has them. */
const scaled =
  (of: string, by: string): Inverse =>
  (flow, values, object) => {
    const wide = (name: string): string | null =>
      attribute(object, name) === null
        ? null
        : perFeature(flow, values, vectorOf(object, name), object)
    const [factor, shift] = [wide(of), wide(by)]
    const product = factor === null ? values.value : flow.op('Mul', [values.value, factor])
    return shift === null ? product : flow.op('Add', [product, shift])
  }

const INVERSES: Readonly<Record<string, Inverse>> = {
  StandardScaler: scaled('scale_', 'mean_'),
  RobustScaler: scaled('scale_', 'center_'),
  MaxAbsScaler: scaled('scale_', 'none'),
  MinMaxScaler: (flow, values, object) => {
    const wide = (name: string) => perFeature(flow, values, vectorOf(object, name), object)
    return flow.op('Div', [flow.op('Sub', [values.value, wide('min_')]), wide('scale_')])
  },
  FunctionTransformer: (flow, { value }, object) => {
    if (attribute(object, 'inverse_func') === null) return value
    const name = referenceOf(object, 'inverse_func')?.split(' ')[1] ?? ''
    const made = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name]!(flow, value) : null
    return made ?? refuse(object, 'its inverse_func is code of its own')
  },
}

/** Of numpy. */
const FUNCTIONS: Readonly<Record<string, (flow: Flow, value: string) => string>> = {
  exp: (flow, value) => flow.op('Exp', [value]),
  expm1: (flow, value) => flow.op('Sub', [flow.op('Exp', [value]), flow.scalar(1)]),
  log: (flow, value) => flow.op('Log', [value]),
  log1p: (flow, value) => flow.op('Log', [flow.op('Add', [value, flow.scalar(1)])]),
  sqrt: (flow, value) => flow.op('Sqrt', [value]),
  square: (flow, value) => flow.op('Mul', [value, value]),
}

function changeBack(flow: Flow, values: Block, transformer: PythonObject): Block {
  const { kind } = transformer
  if (!Object.hasOwn(INVERSES, kind)) refuse(transformer, 'it is not undone here')
  return { ...values, value: INVERSES[kind]!(flow, values, transformer) }
}

export const STACKED: Readonly<Record<string, Predictor>> = {
  StackingClassifier: stackClassify,
  StackingRegressor: stackRegress,
  TransformedTargetRegressor: changedTarget,
}
