// Windows of a machine that runs as it should → a model that rebuilds such windows and no others, and its errors.
import { writeModel } from '../../onnx/model.ts'
import type { ModelProto } from '../../onnx/proto.ts'
import { createTrainingStep, type TrainingStep } from '../create-training-step.ts'
import { meanSquaredError } from '../losses.ts'
import { adam } from '../optimisers/adam.ts'
import { type Random, shuffled } from '../random.ts'
import { constant } from '../schedules.ts'
import { type TrainerOptions, type TrainerResult, trainModel } from '../trainer.ts'
import { createAutoencoder, createFeatureModel, createServedModel } from './autoencoder.ts'
import { FEATURES, type Floors } from './feature-graph.ts'
import type { VibrationRecipe } from './recipe.ts'
import { rowBatches } from './row-batches.ts'
import { runAll, type WindowValues } from './run-model.ts'
import { fitWhitening, type Whitening } from './whitening.ts'

export interface FittedAutoencoder {
  /** `input` [N, points, 4] → `output` and `scaled` [N, 12]. */
  readonly model: Uint8Array
  /** Numbers that are compared. */
  readonly width: number
  readonly training: TrainerResult
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
  const { window: points, hidden, batch } = recipe
  const floors = findFloors(train, points)
  const features = createFeatureModel(points, floors)
  const learned = await featuresOf(features, train, points)
  const whitening = fitWhitening(learned)
  const step = await createTrainingStep({
    model: createAutoencoder(FEATURES, hidden, seed),
    batch,
    loss: meanSquaredError(),
    optimiser: adam(),
    seed,
  })
  try {
    const judged = await featuresOf(features, validation, points)
    const sides = { train: scale(learned, whitening), validation: scale(judged, whitening) }
    const training = await learn(step, sides, options)
    const weights = step.parameters()
    const model = writeModel(createServedModel({ points, floors, whitening, hidden, weights }))
    return {
      model,
      width: FEATURES,
      training,
      errorsOf: (windows) => errorsOf(model, windows, points),
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

/** A tenth of each axis' middle deviation: a standing or dead sensor lies far below it. */
function findFloors(windows: readonly WindowValues[], points: number): Floors {
  const floorOf = (axis: number): number => {
    const deviations = windows.map((values) => {
      const column = Float64Array.from({ length: points }, (_, i) => values[i * 4 + axis]!)
      const mean = column.reduce((sum, value) => sum + value, 0) / points
      return Math.sqrt(column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / points)
    })
    deviations.sort((a, b) => a - b)
    return Math.max(deviations[deviations.length >> 1]! / 10, 1e-6)
  }
  return [floorOf(0), floorOf(1), floorOf(2)]
}

async function featuresOf(
  model: ModelProto,
  windows: readonly WindowValues[],
  points: number,
): Promise<Float32Array[]> {
  const rows: Float32Array[] = []
  await runAll(writeModel(model), windows, points, ({ features }, count) => {
    for (let i = 0; i < count; i++) rows.push(features!.slice(i * FEATURES, (i + 1) * FEATURES))
  })
  return rows
}

function scale(rows: readonly Float32Array[], { mean, matrix }: Whitening): Float32Array[] {
  return rows.map((row) =>
    Float32Array.from({ length: FEATURES }, (_, k) => {
      let sum = 0
      for (let i = 0; i < FEATURES; i++) sum += (row[i]! - mean[i]!) * matrix[i * FEATURES + k]!
      return sum
    }),
  )
}

async function errorsOf(
  model: Uint8Array,
  windows: readonly WindowValues[],
  points: number,
): Promise<Float64Array> {
  const errors: number[] = []
  await runAll(model, windows, points, ({ output, scaled }, count) => {
    for (let row = 0; row < count; row++) {
      let sum = 0
      for (let i = row * FEATURES; i < (row + 1) * FEATURES; i++) {
        sum += Math.abs(output![i]! - scaled![i]!)
      }
      errors.push(sum / FEATURES)
    }
  })
  return Float64Array.from(errors)
}
