// Judging a version on a folder with real/ and fake/; see train/evaluate/task.ts.
import { evaluateFolder } from '../../train/evaluate/evaluate-folder.ts'
import type { EvaluateTask } from '../../train/evaluate/task.ts'
import { type FaceAnswer, toAnswerSpec } from './answer.ts'
import { FACE_CLASSES } from './judge.ts'

export const evaluate: EvaluateTask = (context) =>
  evaluateFolder(context, {
    kind: 'picture',
    classes: FACE_CLASSES,
    scoresOf: ({ answer }) => {
      const { prob_real, prob_fake } = answer as FaceAnswer
      return [prob_real, prob_fake]
    },
    decision: {
      positive: FACE_CLASSES.indexOf('fake'),
      threshold: toAnswerSpec(context.manifest.answer).threshold,
    },
  })
