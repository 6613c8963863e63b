// Labelled names → vocabulary, linear model and calibration, in the form that the graph has.

import { createCleaner } from '../../tensor/text/clean.ts'
import { type LinearText, scoreLinearText } from '../../tensor/text/linear-text.ts'
import { countTerms, createNameEncoder, type Vocabulary } from '../../tensor/text/name-encoder.ts'
import { fitTfidf } from '../../tensor/text/tfidf.ts'
import { heldOutMargins } from '../calibration.ts'
import { groupedFolds } from '../folds.ts'
import { fitLinearSvm, type LinearModel } from '../linear-svm.ts'
import { toSparseMatrix } from '../sparse.ts'
import { fitTemperature } from '../temperature.ts'
import type { ProductRecipe } from './recipe.ts'
import type { ProductRow } from './row.ts'

export interface NameClassifier {
  readonly labels: readonly string[]
  readonly vocabulary: Vocabulary
  readonly model: LinearText
  /** Probabilities by label. */
  score(name: string): Float32Array
}

/** @param rows all of them are trained on, whatever their split; at least two categories */
export function fitNameClassifier(
  rows: readonly ProductRow[],
  recipe: ProductRecipe,
  seed: number,
): NameClassifier {
  const labels = [...new Set(rows.map(({ category }) => category))].sort()
  const indexOf = new Map(labels.map((label, index) => [label, index]))
  const y = Int32Array.from(rows, ({ category }) => indexOf.get(category)!)
  const clean = createCleaner(recipe.clean)
  const documents = rows.map(({ name }) => clean(name).join(' '))
  const vocabulary: Vocabulary = {
    format: 1,
    vectorizers: recipe.vectorizers.map((options) => roundIdf(fitTfidf(documents, options))),
  }
  const encode = createNameEncoder(recipe.clean, vocabulary)
  const terms = countTerms(vocabulary)
  const matrix = toSparseMatrix(
    rows.map(({ name }) => encode(name).row),
    terms,
  )
  const groups = rows.map(({ group }) => group)
  const options = {
    ...{ c: recipe.c, tolerance: recipe.tolerance, folds: recipe.folds, seed },
    assignment: groupedFolds(y, groups, recipe.folds, seed),
  }
  const margins = heldOutMargins(matrix, y, labels.length, options)
  const linear = fitLinearSvm(matrix, y, labels.length, options)
  const model = toSoftmaxText(linear, fitTemperature(margins, y, linear.columns), labels.length)
  const score = (name: string) => {
    const { ids, values } = encode(name).row
    return scoreLinearText(model, ids, values)
  }
  return { labels, vocabulary, model, score }
}

/** Folds the scale into the weights; with two classes, the single column and its mirror image become two. */
function toSoftmaxText(linear: LinearModel, scale: number, classes: number): LinearText {
  const { features: terms, columns, weights, intercepts } = linear
  const weight = new Float32Array(terms * classes)
  const bias = new Float32Array(classes)
  for (let c = 0; c < classes; c++) {
    const source = columns === 1 ? 0 : c
    const factor = columns === 1 && c === 0 ? -scale : scale
    bias[c] = factor * intercepts[source]!
    for (let term = 0; term < terms; term++) {
      weight[term * classes + c] = factor * weights[source * terms + term]!
    }
  }
  return { terms, classes, members: 1, link: 'softmax', weight, bias }
}

/** Six decimals are what the vocabulary file keeps: training sees the same numbers as serving. */
function roundIdf(model: Vocabulary['vectorizers'][number]): Vocabulary['vectorizers'][number] {
  return { ...model, idf: Array.from(model.idf, (value) => Math.round(value * 1e6) / 1e6) }
}
