// Classifiers that are a product, a sum and a link: what the linear text graph computes. Others are null here and become
// an ordinary graph.
import { refuse } from '../attributes.ts'
import { classesOf } from '../labels.ts'
import type { PythonObject } from '../python-object.ts'
import { membersOf, sigmoidOf } from './calibrated.ts'
import { linkOf, MARGIN_CLASSIFIERS } from './link.ts'
import { checkColumns, type Margins, marginsOf } from './margins.ts'
import { binarizeOf, DISCRETE_BAYES, likelihoodsOf } from './naive-bayes.ts'

export interface LinearClassifier {
  readonly classes: readonly string[]
  readonly features: number
  readonly members: number
  readonly link: 'softmax' | 'sigmoid'
  /** Weight of a feature for a class of a member. */
  readonly weight: (feature: number, member: number, kind: number) => number
  /** [members, classes] */
  readonly bias: Float64Array
  /** It only asks whether a term is there. */
  readonly binary: boolean
  /** False where the softmax over the margins is ours, and not what the model calls a probability. */
  readonly calibrated: boolean
}

export function toLinearClassifier(object: PythonObject): LinearClassifier | null {
  if (object.kind === 'CalibratedClassifierCV') return fromCalibrated(object)
  if (DISCRETE_BAYES.has(object.kind)) return fromBayes(object)
  if (!MARGIN_CLASSIFIERS.has(object.kind)) return null
  const classes = classesOf(object)
  const link = linkOf(object, classes.length)
  if (link === 'ratio') return null
  const margins = marginsOf(object)
  checkColumns(object, margins.weights.rows, classes.length)
  const columns = spread(margins, classes.length)
  return {
    ...{ classes, features: margins.weights.columns, members: 1, binary: false },
    link: link === 'sigmoid' ? 'sigmoid' : 'softmax',
    weight: (feature, _, kind) => columns.weight(feature, kind),
    bias: columns.bias,
    calibrated: link !== 'none',
  }
}

function fromBayes(object: PythonObject): LinearClassifier | null {
  const threshold = binarizeOf(object)
  // Weights of terms that are present are above 0; another threshold is no question of presence.
  if (object.kind === 'BernoulliNB' && threshold !== 0) return null
  const classes = classesOf(object)
  const { weights, biases } = likelihoodsOf(object)
  if (weights.rows !== classes.length) refuse(object, 'it has not one row of weights a class')
  return {
    ...{ classes, features: weights.columns, members: 1, link: 'softmax', calibrated: true },
    weight: (feature, _, kind) => weights.data[kind * weights.columns + feature]!,
    bias: biases,
    binary: threshold === 0,
  }
}

/** Only where margins of linear models go through sigmoids. */
function fromCalibrated(object: PythonObject): LinearClassifier | null {
  const classes = classesOf(object)
  const members = membersOf(object).map(({ estimator, calibrators }) => {
    if (!MARGIN_CLASSIFIERS.has(estimator.kind)) return null
    const sigmoids = calibrators.map(sigmoidOf)
    const margins = marginsOf(estimator)
    checkColumns(estimator, margins.weights.rows, classes.length)
    return sigmoids.every((sigmoid) => sigmoid !== null) ? calibrate(margins, sigmoids) : null
  })
  if (!members.every((member) => member !== null)) return null
  const { weights } = members[0]!
  if (members.some((member) => member.weights.columns !== weights.columns)) {
    refuse(object, 'its folds differ in their features')
  }
  const spreads = members.map((member) => spread(member, classes.length))
  return {
    ...{ classes, features: weights.columns, members: members.length, link: 'sigmoid' },
    weight: (feature, member, kind) => spreads[member]!.weight(feature, kind),
    bias: Float64Array.from(spreads.flatMap(({ bias }) => [...bias])),
    binary: false,
    calibrated: true,
  }
}

/** 1 / (1 + exp(a·m + b)) is the sigmoid of -a·m - b. */
function calibrate(
  { weights, biases }: Margins,
  sigmoids: readonly { readonly a: number; readonly b: number }[],
): Margins {
  const data = weights.data.slice()
  for (let at = 0; at < data.length; at += 1) {
    data[at]! *= -sigmoids[Math.floor(at / weights.columns)]!.a
  }
  const shifted = biases.map((bias, row) => -sigmoids[row]!.a * bias - sigmoids[row]!.b)
  return { weights: { ...weights, data }, biases: shifted }
}

/**
 * With two classes the one row and its mirror image become two: sigmoids of both sum to one, and their softmax is what
 * scikit-learn makes of a multinomial model with two classes.
 */
function spread(
  { weights, biases }: Margins,
  classes: number,
): { weight: (feature: number, kind: number) => number; bias: Float64Array } {
  const { columns, data } = weights
  if (classes > 2) {
    return { weight: (feature, kind) => data[kind * columns + feature]!, bias: biases }
  }
  return {
    weight: (feature, kind) => (kind === 0 ? -data[feature]! : data[feature]!),
    bias: Float64Array.of(-biases[0]!, biases[0]!),
  }
}
