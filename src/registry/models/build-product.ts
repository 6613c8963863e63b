// The default product classifier, trained from the bundled list: the same list always gives the same bytes.
import { fitNameClassifier } from '../../train/product/fit-classifier.ts'
import { PRODUCT_RECIPE } from '../../train/product/recipe.ts'
import { parseRows } from '../../train/product/rows-file.ts'
import { toCandidate } from '../../train/product/to-candidate.ts'
import type { BuiltModel } from './catalog-entry.ts'
import { fromCandidate } from './from-candidate.ts'

const SEED = 42

/** @param csv the list, with the columns product_name, category, group, split */
export function buildProduct(csv: string): BuiltModel {
  const rows = parseRows(csv)
  const training = rows.filter(({ split }) => split === 'train')
  const classifier = fitNameClassifier(training, PRODUCT_RECIPE, SEED)
  return fromCandidate(
    toCandidate({
      ...{ classifier, recipe: PRODUCT_RECIPE, rows, seed: SEED },
      card: () => '',
    }),
  )
}
