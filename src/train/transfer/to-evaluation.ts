// What a training of a picture classifier hands over for the report of its job.
import type { Json } from '../../json.ts'
import type { Side } from '../data/split-rows.ts'
import type { EvaluationInput, SplitCounts } from '../report/evaluation-input.ts'
import type { Transferred } from './learn.ts'

export interface Notes {
  readonly classes: readonly string[]
  /** Folder, as the call named it. */
  readonly source: string
  /** What was learned, in words. */
  readonly method: string
  /** Beside those of the training. */
  readonly notices: readonly string[]
  readonly parameters: { readonly [key: string]: Json }
}

export function toEvaluation(
  learned: Pick<
    Transferred,
    'test' | 'validation' | 'history' | 'bestEpoch' | 'parts' | 'skipped' | 'durations'
  >,
  { classes, source, method, notices, parameters }: Notes,
): EvaluationInput {
  const { test, validation, history, bestEpoch, parts, skipped, durations } = learned
  return {
    kind: 'classification',
    classes,
    labels: test.map(({ row }) => classes.indexOf(row.label)),
    probabilities: joinRows(test.map(({ probabilities }) => probabilities)),
    rows: test.map(({ row }) => ({ id: row.id, picture: row.path })),
    groups: test.map(({ row }) => row.group),
    validation,
    method,
    history,
    ...(bestEpoch !== null && { bestEpoch }),
    data: { source, skipped, notices, classes: countSides(classes, parts) },
    parameters,
    durations,
  }
}

function joinRows(rows: readonly Float32Array[]): Float32Array {
  const width = rows[0]?.length ?? 0
  const all = new Float32Array(rows.length * width)
  for (const [i, row] of rows.entries()) all.set(row, i * width)
  return all
}

function countSides(
  classes: readonly string[],
  parts: Transferred['parts'],
): Record<string, SplitCounts> {
  const sides: readonly Side[] = ['train', 'validation', 'test']
  const counts = new Map(classes.map((label) => [label, { train: 0, validation: 0, test: 0 }]))
  for (const side of sides) for (const { label } of parts[side]) counts.get(label)![side] += 1
  return Object.fromEntries(counts)
}
