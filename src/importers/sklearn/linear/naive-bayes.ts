// The discrete naive Bayes classifiers as linear models: joint log likelihoods are a product and a sum.
import { type Matrix, matrixOf, numberOf, refuse, vectorOf } from '../attributes.ts'
import type { PythonObject } from '../python-object.ts'
import type { Margins } from './margins.ts'

export const DISCRETE_BAYES: ReadonlySet<string> = new Set([
  'MultinomialNB',
  'ComplementNB',
  'BernoulliNB',
])

/** One row a class, also where there are two; probabilities are their softmax. */
export function likelihoodsOf(object: PythonObject): Margins {
  const logs = matrixOf(object, 'feature_log_prob_')
  if (object.kind === 'BernoulliNB') return bernoulli(object, logs)
  if (object.kind === 'ComplementNB') return { weights: logs, biases: new Float64Array(logs.rows) }
  return { weights: logs, biases: priorsOf(object, logs.rows) }
}

/** BernoulliNB asks only whether a feature is above this; null: it takes what it is given. */
export function binarizeOf(object: PythonObject): number | null {
  if (object.kind !== 'BernoulliNB') return null
  return object.attributes.get('binarize') === null ? null : numberOf(object, 'binarize')
}

function bernoulli(object: PythonObject, logs: Matrix): Margins {
  const weights = new Float64Array(logs.data.length)
  const biases = priorsOf(object, logs.rows).slice()
  for (let row = 0; row < logs.rows; row += 1) {
    for (let column = 0; column < logs.columns; column += 1) {
      const at = row * logs.columns + column
      const without = Math.log(1 - Math.exp(logs.data[at]!))
      weights[at] = logs.data[at]! - without
      biases[row]! += without
    }
  }
  return { weights: { ...logs, data: weights }, biases }
}

function priorsOf(object: PythonObject, classes: number): Float64Array {
  const priors = vectorOf(object, 'class_log_prior_')
  if (priors.length !== classes) refuse(object, 'it has not one prior a class')
  return priors
}
