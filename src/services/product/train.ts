// Retraining the product classifier: read, merge with the rows of the version that serves, fit, judge. Run by a job in a
// process of its own; see jobs/.
import { readFile } from 'node:fs/promises'
import { createCleaner } from '../../tensor/text/clean.ts'
import { seedOf } from '../../train/options.ts'
import { fitNameClassifier } from '../../train/product/fit-classifier.ts'
import { judgeCandidate } from '../../train/product/gate.ts'
import { loadScorer } from '../../train/product/load-scorer.ts'
import { mergeRows } from '../../train/product/merge-rows.ts'
import { readLabelledNames, toColumns } from '../../train/product/read-labelled.ts'
import { PRODUCT_RECIPE } from '../../train/product/recipe.ts'
import type { ProductRow } from '../../train/product/row.ts'
import { decodeRows } from '../../train/product/rows-file.ts'
import { toCandidate } from '../../train/product/to-candidate.ts'
import { toEvaluation } from '../../train/product/to-evaluation.ts'
import type { TrainContext, TrainTask } from '../../train/task.ts'
import { writeCard } from './write-card.ts'

/** Parameters: `data`, `replace`, `seed`, and `name_column`, `category_column` where the columns have other names. */
export const train: TrainTask = async (context) => {
  const { parameters, incumbent, signal, progress, version } = context
  const seed = seedOf(parameters)
  progress(0, 'reading')
  const clean = createCleaner(PRODUCT_RECIPE.clean)
  const read = await readLabelledNames(
    String(parameters.data),
    toColumns(parameters),
    (name) => clean(name).length > 0,
    incumbent?.manifest.labels ?? [],
    signal,
  )
  const earlier = await readEarlier(context)
  const replace = parameters.replace === true
  const merged = mergeRows(earlier, read.rows, { replace, seed })
  signal.throwIfAborted()
  progress(0.2, 'training')
  const training = merged.rows.filter(({ split }) => split === 'train')
  const classifier = fitNameClassifier(training, PRODUCT_RECIPE, seed)
  signal.throwIfAborted()
  progress(0.8, 'judging')
  const before = incumbent === null ? null : await loadScorer(incumbent.manifest, incumbent.paths)
  const gate = await judgeCandidate(classifier, before, merged.judged, seed)
  signal.throwIfAborted()
  const fitted = { classifier, recipe: PRODUCT_RECIPE, rows: merged.rows, seed }
  const candidate = toCandidate({
    ...fitted,
    card: (metrics) => writeCard({ version, rows: merged.rows, metrics, gate }),
  })
  const evaluation = toEvaluation(fitted)
  progress(1, 'done')
  const notices = [...read.notices, ...merged.notices]
  return { candidate, gate, notices, ...(evaluation && { evaluation }) }
}

/** A version that was imported has no rows: then the new ones stand alone. */
async function readEarlier({ incumbent }: TrainContext): Promise<readonly ProductRow[]> {
  const path = incumbent?.paths.rows
  return path === undefined ? [] : decodeRows(await readFile(path))
}
