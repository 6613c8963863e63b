// From margins to probabilities: what each linear classifier of scikit-learn does in predict_proba.
import { attribute, textOf } from '../attributes.ts'
import type { PythonObject } from '../python-object.ts'

/** `none`: it has no probabilities. `ratio`: modified Huber. `sigmoid`: one a class, divided by their sum. */
export type Link = 'softmax' | 'sigmoid' | 'ratio' | 'none'

export const MARGIN_CLASSIFIERS: ReadonlySet<string> = new Set([
  ...['LinearSVC', 'RidgeClassifier', 'RidgeClassifierCV', 'Perceptron', 'SGDClassifier'],
  ...['PassiveAggressiveClassifier', 'LogisticRegression', 'LogisticRegressionCV'],
])

export function linkOf(object: PythonObject, classes: number): Link {
  if (object.kind === 'SGDClassifier') {
    const loss = textOf(object, 'loss')
    if (loss === 'log' || loss === 'log_loss') return 'sigmoid'
    return loss === 'modified_huber' ? 'ratio' : 'none'
  }
  if (!object.kind.startsWith('LogisticRegression')) return 'none'
  const mode = attribute(object, 'multi_class') ?? 'auto'
  const solver = attribute(object, 'solver')
  if (mode === 'ovr' || mode === 'warn') return 'sigmoid'
  const apart = mode !== 'multinomial' && (classes === 2 || solver === 'liblinear')
  return apart ? 'sigmoid' : 'softmax'
}
