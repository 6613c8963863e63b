// Judging a version on a folder of recordings whose sub-folders are the classes; see train/evaluate/task.ts.
import { evaluateFolder } from '../../train/evaluate/evaluate-folder.ts'
import type { EvaluateTask } from '../../train/evaluate/task.ts'
import type { CoughAnswer } from './answer.ts'

export const evaluate: EvaluateTask = (context) =>
  evaluateFolder(context, {
    kind: 'audio',
    classes: context.manifest.labels ?? [],
    scoresOf: ({ answer }) => Object.values((answer as CoughAnswer).scores),
  })
