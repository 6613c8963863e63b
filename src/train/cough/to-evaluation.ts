// What a cough training hands over for the report of its job.
import type { Skipped } from '../data/row.ts'
import type { Side } from '../data/split-rows.ts'
import type { EvaluationInput } from '../report/evaluation-input.ts'
import type { LearnedCough } from './learn.ts'

export interface DataNotes {
  readonly source: string
  readonly skipped: readonly Skipped[]
  readonly notices: readonly string[]
}

export function toEvaluation(learned: LearnedCough, data: DataNotes): EvaluationInput {
  const { classes, test, fitted, parts, recipe, seed } = learned
  const { history, bestEpoch, durations } = fitted.result
  return {
    kind: 'classification',
    classes,
    labels: test.map(({ row }) => classes.indexOf(row.label)),
    probabilities: Float32Array.from(test.flatMap(({ probabilities }) => [...probabilities])),
    rows: test.map(({ row }) => ({ id: row.id, audio: row.path })),
    groups: test.map(({ row }) => row.group),
    validation: fitted.validation,
    method:
      'Small convolutional network on mel spectrograms, with random lengths, backgrounds, noise, microphones and telephone ' +
      'bands in training; probabilities by temperature scaling on validation rows.',
    history,
    ...(bestEpoch !== null && { bestEpoch }),
    data: { ...data, classes: countSides(classes, parts) },
    parameters: {
      ...{ seed, epochs: recipe.epochs, batch: recipe.batch, patience: recipe.patience },
      ...{ learning_rate: recipe.learningRate, label_smoothing: recipe.labelSmoothing },
    },
    durations: { ...durations },
  }
}

export function countSides(
  classes: readonly string[],
  parts: LearnedCough['parts'],
): Record<string, Record<Side, number>> {
  const count = (side: Side, label: string) =>
    parts[side].filter((row) => row.label === label).length
  return Object.fromEntries(
    classes.map((label) => [
      label,
      {
        train: count('train', label),
        validation: count('validation', label),
        test: count('test', label),
      },
    ]),
  )
}
