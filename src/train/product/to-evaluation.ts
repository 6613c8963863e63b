// The held-out names of a candidate and its answers, for the report of its job.
import type { EvaluationInput } from '../report/evaluation-input.ts'
import type { NameClassifier } from './fit-classifier.ts'
import type { ProductRecipe } from './recipe.ts'
import type { ProductRow } from './row.ts'

export interface EvaluationParts {
  readonly classifier: NameClassifier
  readonly recipe: ProductRecipe
  readonly rows: readonly ProductRow[]
  readonly seed: number
}

/** @returns null where no row was held out */
export function toEvaluation(parts: EvaluationParts): EvaluationInput | null {
  const { classifier, recipe, rows, seed } = parts
  const test = rows.filter(({ split }) => split === 'test')
  if (test.length === 0) return null
  // A category that has held-out names alone is one that the candidate cannot name.
  const classes = [...new Set([...classifier.labels, ...test.map(({ category }) => category)])]
  const probabilities = new Float32Array(test.length * classes.length)
  for (const [i, { name }] of test.entries()) {
    probabilities.set(classifier.score(name), i * classes.length)
  }
  const { c, folds, tolerance } = recipe
  return {
    kind: 'classification',
    classes,
    labels: test.map(({ category }) => classes.indexOf(category)),
    probabilities,
    rows: test.map(({ name }, i) => ({ id: `held-out name ${i + 1}`, text: name })),
    groups: test.map(({ group }) => group),
    method:
      'Words and pieces of words weighted by TF-IDF, a linear support vector machine, probabilities by temperature ' +
      'scaling on held-out margins. Names that differ in size or packaging alone are on one side of the split.',
    data: { classes: countSplits(rows) },
    parameters: { c, folds, tolerance, seed },
  }
}

function countSplits(rows: readonly ProductRow[]): Record<string, Record<string, number>> {
  const groups = [...Map.groupBy(rows, ({ category }) => category)]
  groups.sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(
    groups.map(([category, members]) => {
      const test = members.filter(({ split }) => split === 'test').length
      return [category, { train: members.length - test, test }]
    }),
  )
}
