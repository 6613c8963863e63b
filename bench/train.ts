// How long trainings take, beside what the Python stacks need on the same machine (their figures are of 2 cores).
// Run: node bench/train.ts [threads]

import { createTrainingStep } from '../src/train/create-training-step.ts'
import { meanAbsoluteError } from '../src/train/losses.ts'
import { adam } from '../src/train/optimisers/adam.ts'
import { createRandom, type Random, shuffled } from '../src/train/random.ts'
import { constant } from '../src/train/schedules.ts'
import { trainModel } from '../src/train/trainer.ts'
import { createAutoencoder } from '../src/train/vibration/autoencoder.ts'
import { rowBatches } from '../src/train/vibration/row-batches.ts'

const threads = Number(process.argv[2] ?? 1)
const [WINDOWS, WIDTH, EPOCHS, BATCH, REPEATS] = [2000, 24, 50, 32, 5]
/** Seconds of Keras for the same: 24-16-8-16-24, Adam, mean absolute error. */
const KERAS = 2.7

const random = createRandom(1)
const rows = Array.from({ length: WINDOWS }, () =>
  Float32Array.from({ length: WIDTH }, () => random() - 0.5),
)
const times: number[] = []
for (let i = 0; i < REPEATS; i++) times.push(await trainOnce())
const middle = times.toSorted((a, b) => a - b)[REPEATS >> 1]!
const memory = process.resourceUsage().maxRSS / 1024
console.log(
  `autoencoder, ${EPOCHS} epochs of ${WINDOWS} windows, batch ${BATCH}, ${threads} threads: ${middle.toFixed(2)} s ` +
    `(${(KERAS / middle).toFixed(1)} × Keras' ${KERAS} s), ${times.map((time) => time.toFixed(2)).join(' ')}; ` +
    `peak memory ${memory.toFixed(0)} MB`,
)

/** Seconds from nothing to the last epoch, building the step graph included. */
async function trainOnce(): Promise<number> {
  const start = performance.now()
  const step = await createTrainingStep({
    model: createAutoencoder(WIDTH, [16, 8, 16], 1),
    batch: BATCH,
    loss: meanAbsoluteError(),
    optimiser: adam(),
    threads,
  })
  const order = [...rows.keys()]
  await trainModel({
    step,
    batches: (_epoch: number, draw: Random) => rowBatches(rows, shuffled(order, draw), BATCH),
    epochs: EPOCHS,
    schedule: constant(1e-3),
    seed: 1,
  })
  await step.release()
  return (performance.now() - start) / 1000
}
