// Windows of a machine that runs as it should → a model that rebuilds such windows and no others, and its errors.
import { writeModel } from '../../onnx/model.ts'
import { createTrainingStep, type TrainingStep } from '../create-training-step.ts'
import { meanSquaredError } from '../losses.ts'
import { adam } from '../optimisers/adam.ts'
import { type Random, shuffled } from '../random.ts'
import { constant } from '../schedules.ts'
import { type TrainerOptions, type TrainerResult, trainModel } from '../trainer.ts'
import { createAutoencoder, createServedModel } from './autoencoder.ts'
import { fitFront } from './front.ts'
import { describeNetwork } from './network.ts'
import type { VibrationRecipe } from './recipe.ts'
import { rowBatches } from './row-batches.ts'
import { runAll, type WindowValues } from './run-model.ts'

export interface FittedAutoencoder {
  /** `input` [N, points, 4] → `output` and `scaled` [N, width]. */
  readonly model: Uint8Array
  /** Numbers that are compared. */
  readonly width: number
  readonly training: TrainerResult
  /** What it sees and how it is built, in words. */
  readonly method: string
  /** Mean absolute difference of `output` and `scaled`, window by window. */
  errorsOf(windows: readonly WindowValues[]): Promise<Float64Array>
}

export interface FitOptions extends Pick<TrainerOptions, 'signal' | 'progress'> {
  readonly recipe: VibrationRecipe
  readonly seed: number
  /** Where its checkpoint is kept, and resumed from. Without it nothing is kept. */
  readonly checkpoint?: string
}

/** @param train, validation windows of normal running, at least two and one */
export async function fitAutoencoder(
  train: readonly WindowValues[],
  validation: readonly WindowValues[],
  options: FitOptions,
): Promise<FittedAutoencoder> {
  const { recipe, seed } = options
  const { architecture, window: points, hidden, batch } = recipe
  const network = { architecture, points, hidden, seed }
  const front = await fitFront(architecture, train, points)
  const { width } = front
  const step = await createTrainingStep({
    model: createAutoencoder(width, network),
    batch,
    loss: meanSquaredError(),
    optimiser: adam(),
    seed,
  })
  try {
    const sides = { train: await front.scale(train), validation: await front.scale(validation) }
    const training = await learn(step, sides, options)
    const model = writeModel(createServedModel({ front, network, weights: step.parameters() }))
    return {
      model,
      width,
      training,
      method: `${front.description}; ${describeNetwork(network)}`,
      errorsOf: (windows) => errorsOf(model, windows, { points, width }),
    }
  } finally {
    await step.release()
  }
}

async function learn(
  step: TrainingStep,
  rows: Readonly<Record<'train' | 'validation', readonly Float32Array[]>>,
  { recipe, seed, checkpoint, ...rest }: FitOptions,
): Promise<TrainerResult> {
  const { batch, epochs, patience, learningRate } = recipe
  const [order, held] = [[...rows.train.keys()], [...rows.validation.keys()]]
  return await trainModel({
    step,
    batches: (_epoch: number, random: Random) =>
      rowBatches(rows.train, shuffled(order, random), batch),
    validate: async () => {
      let sum = 0
      for (const { feeds, rows: count } of rowBatches(rows.validation, held, batch)) {
        sum += (await step.evaluate(feeds)).loss * count
      }
      return { loss: sum / held.length }
    },
    epochs,
    schedule: constant(learningRate),
    earlyStopping: { patience },
    seed,
    ...(checkpoint !== undefined && { checkpoint: { folder: checkpoint } }),
    ...(rest.signal && { signal: rest.signal }),
    ...(rest.progress && { progress: rest.progress }),
  })
}

async function errorsOf(
  model: Uint8Array,
  windows: readonly WindowValues[],
  { points, width }: { readonly points: number; readonly width: number },
): Promise<Float64Array> {
  const errors: number[] = []
  await runAll(model, windows, points, ({ output, scaled }, count) => {
    for (let row = 0; row < count; row++) {
      let sum = 0
      for (let i = row * width; i < (row + 1) * width; i++) {
        sum += Math.abs(output![i]! - scaled![i]!)
      }
      errors.push(sum / width)
    }
  })
  return Float64Array.from(errors)
}
