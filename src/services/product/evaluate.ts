// Judging a version on a table of names and categories; see train/evaluate/task.ts.
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { DugaError } from '../../errors.ts'
import { askAll } from '../../train/evaluate/ask-all.ts'
import type { EvaluateTask } from '../../train/evaluate/task.ts'
import { toScoreTable } from '../../train/evaluate/to-score-table.ts'
import { readLabelledNames, toColumns } from '../../train/product/read-labelled.ts'
import { nameKey } from '../../train/product/row.ts'
import { decodeRows } from '../../train/product/rows-file.ts'

/** Parameters: `data`, and `name_column`, `category_column` where the columns have other names. */
export const evaluate: EvaluateTask = async (context) => {
  const { manifest, paths, parameters, signal, progress } = context
  const data = String(parameters.data)
  const classes = manifest.labels ?? []
  progress(0, 'reading')
  const read = await readLabelledNames(data, toColumns(parameters), () => true, classes, signal)
  const output = manifest.outputs[0]!.name
  const { kept, skipped } = await askAll(context, {
    rows: read.rows,
    inputOf: ({ name }) => ({ product_name: name }),
    keep: ({ outputs }) => Float32Array.from(outputs[output]!.data as Float32Array),
    nameOf: ({ name }) => name,
  })
  const judged = read.rows.filter((_, i) => kept[i] !== null)
  if (judged.length === 0) throw new DugaError('training.no-rows', { file: basename(data) })
  const table = toScoreTable({
    classes,
    truths: judged.map(({ category }) => category),
    scores: kept.filter((scores) => scores !== null),
  })
  const trained = await trainedNames(paths.rows)
  const known = judged.filter(({ name }) => trained.has(nameKey(name))).length
  const flattered =
    known === 0
      ? []
      : [
          `The version was trained on ${known} of the ${judged.length} names: the figures flatter it.`,
        ]
  return {
    kind: 'classification',
    ...{ classes: table.classes, labels: table.labels, probabilities: table.probabilities },
    rows: judged.map(({ name }, i) => ({ id: `name ${i + 1}`, text: name })),
    data: {
      ...{ source: data, classes: table.counts, skipped },
      notices: [...read.notices, ...table.notices, ...flattered],
    },
  }
}

/** A version that was imported has no rows. */
async function trainedNames(path: string | undefined): Promise<ReadonlySet<string>> {
  if (path === undefined) return new Set()
  const rows = decodeRows(await readFile(path))
  return new Set(rows.filter(({ split }) => split === 'train').map(({ name }) => nameKey(name)))
}
