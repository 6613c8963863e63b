// The model card of a cough version that was trained here.
import type { LearnedCough } from '../../train/cough/learn.ts'
import { countSides } from '../../train/cough/to-evaluation.ts'
import type { TrainResult } from '../../train/task.ts'

export interface CardParts {
  readonly version: string
  readonly learned: LearnedCough
  readonly gate: TrainResult['gate']
}

/** Markdown. */
export function writeCard({ version, learned, gate }: CardParts): string {
  const { classes, parts, metrics } = learned
  const rows = Object.entries(countSides(classes, parts)).map(
    ([label, { train, validation, test }]) =>
      `| ${label.replaceAll('|', '\\|')} | ${train} | ${validation} | ${test} |`,
  )
  const figures = Object.entries(metrics).map(
    ([name, value]) => `| ${name} | ${value.toFixed(4)} |`,
  )
  return [
    `# Coughs ${version}`,
    '',
    'A small convolutional network on mel spectrograms, trained on random lengths, backgrounds, noises, microphones and',
    'telephone bands; probabilities by temperature scaling on validation recordings. Not a medical device.',
    '',
    '| metric, on recordings that chose nothing | value |',
    '| --- | --- |',
    ...figures,
    '',
    gate.reason,
    '',
    '| class | trained on | validated on | tested on |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
    'Recordings of one person or recorder may stand in several parts: expect less on people and recorders that are new.',
    '',
  ].join('\n')
}
