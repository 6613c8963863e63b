// Judging a version on a folder of pictures whose sub-folders are the breeds; see train/evaluate/task.ts.
import { evaluateFolder } from '../../train/evaluate/evaluate-folder.ts'
import type { EvaluateTask } from '../../train/evaluate/task.ts'
import { breedsOf, toProbabilities } from './answer.ts'

export const evaluate: EvaluateTask = (context) => {
  const { manifest } = context
  return evaluateFolder(context, {
    kind: 'picture',
    classes: breedsOf(manifest),
    scoresOf: ({ outputs }) => toProbabilities(outputs, manifest).probabilities,
  })
}
