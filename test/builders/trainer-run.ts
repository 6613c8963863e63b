// A training with checkpoints, for a process that is killed: prints the number of every batch, and at the end a hash of
// the weights. Arguments: folder, and how many batches a checkpoint is apart.
import { createHash } from 'node:crypto'
import { createTrainingStep } from '../../src/train/create-training-step.ts'
import { constant } from '../../src/train/schedules.ts'
import { type TrainerOptions, type TrainerResult, trainModel } from '../../src/train/trainer.ts'
import { createPictures, ROWS, settings } from './training.ts'

export const BATCHES = 6

/** Three epochs of the small network, dropout and running statistics included. */
export async function runTraining(
  more: Partial<TrainerOptions> = {},
): Promise<{ readonly hash: string; readonly result: TrainerResult }> {
  const step = await createTrainingStep(settings())
  const held = createPictures(1000)
  const result = await trainModel({
    step,
    *batches(epoch, random) {
      for (let i = 0; i < BATCHES; i++) {
        yield { feeds: createPictures(epoch * 100 + Math.floor(random() * 50)), rows: ROWS }
      }
    },
    validate: async () => ({ loss: (await step.evaluate(held)).loss }),
    epochs: 3,
    schedule: constant(5e-3),
    earlyStopping: { patience: 2 },
    reduceOnPlateau: { patience: 1, factor: 0.5 },
    seed: 3,
    ...more,
  })
  const hash = createHash('sha256').update(step.state()).digest('hex')
  await step.release()
  return { hash, result }
}

if (import.meta.main) {
  const folder = process.argv[2]!
  const { hash } = await runTraining({ checkpoint: { folder, everyBatches: 2 }, ...spoken() })
  console.log(`done ${hash}`)
}

/** Says where it is before every batch. */
function spoken(): Pick<TrainerOptions, 'batches'> {
  return {
    async *batches(epoch, random) {
      for (let i = 0; i < BATCHES; i++) {
        console.log(`batch ${epoch} ${i}`)
        yield { feeds: createPictures(epoch * 100 + Math.floor(random() * 50)), rows: ROWS }
      }
    },
  }
}
