// Trains a network, or the end of one, on rows of a feature table: the head on what the frozen part gave, or the last
// stages on what the part before them gave. Stops when validation rows stop getting better.
import type { ModelProto } from '../../onnx/proto.ts'
import type { Tensors } from '../../tensor/tensor.ts'
import { indexOfMost } from '../classification-metrics.ts'
import { createTrainingStep, type TrainingStep } from '../create-training-step.ts'
import { softmaxCrossEntropy } from '../losses.ts'
import { adam } from '../optimisers/adam.ts'
import { type Random, shuffled } from '../random.ts'
import type { EpochRecord } from '../report/evaluation-input.ts'
import { constant, cosine, type Schedule, warmUp } from '../schedules.ts'
import { ROW_WEIGHTS } from '../step-graph.ts'
import { type Batch, type TrainerOptions, type TrainerResult, trainModel } from '../trainer.ts'
import type { FeatureTable } from './feature-table.ts'

/** A row with its place in the table for each of its views. */
export interface TableRow {
  readonly places: readonly number[]
  /** Class index. */
  readonly label: number
}

export interface FitRecipe {
  readonly batch: number
  readonly epochs: number
  readonly labelSmoothing: number
  readonly earlyStopping: NonNullable<TrainerOptions['earlyStopping']>
  readonly reduceOnPlateau?: TrainerOptions['reduceOnPlateau']
  readonly learningRate: number
  /** `cosine`: warmed up, then down to nothing over all epochs. */
  readonly schedule: 'constant' | 'cosine'
}

export interface FitOptions {
  readonly model: ModelProto
  /** Name of the input that takes rows of the table, and its shape without the batch. */
  readonly input: { readonly name: string; readonly shape: readonly number[] }
  /** The value that the loss judges. */
  readonly output: string
  readonly table: FeatureTable
  /** Each epoch sees one view of each, in turn. */
  readonly training: readonly TableRow[]
  /** Judged by their first view. */
  readonly validation: readonly TableRow[]
  readonly recipe: FitRecipe
  /** Of each class; by default all are alike. */
  readonly classWeights?: readonly number[]
  /** Whether batch normalisations take the batch's statistics. Default: true. */
  readonly batchStatistics?: boolean
  readonly seed: number
  readonly threads: number
  readonly signal: AbortSignal
  /** Folder of this training's checkpoints, resumed from where there are any; null: none. */
  readonly checkpoints: string | null
  /** @param fraction 0..1 */
  progress(fraction: number, epoch: number, latest: EpochRecord | null): void
}

export interface Fitted {
  /** Trained weights and running statistics by name. */
  readonly weights: Tensors
  readonly result: TrainerResult
}

/** Deterministic for a seed and a number of threads. @throws the signal's reason */
export async function fitOnTable(options: FitOptions): Promise<Fitted> {
  const { recipe, training, validation, signal, seed, checkpoints, classWeights } = options
  const step = await createTrainingStep({
    ...{ model: options.model, output: options.output, batch: recipe.batch },
    loss: softmaxCrossEntropy({
      labelSmoothing: recipe.labelSmoothing,
      ...(classWeights !== undefined && { classWeights }),
    }),
    optimiser: adam(),
    batchStatistics: options.batchStatistics ?? true,
    ...{ seed, threads: options.threads },
  })
  try {
    const result = await trainModel({
      step,
      batches: (epoch, random) => trainingBatches(options, epoch, random),
      validate: () => judge(step, options, validation),
      epochs: recipe.epochs,
      schedule: toSchedule(recipe, Math.ceil(training.length / recipe.batch)),
      earlyStopping: recipe.earlyStopping,
      ...(recipe.reduceOnPlateau !== undefined && { reduceOnPlateau: recipe.reduceOnPlateau }),
      ...(checkpoints !== null && { checkpoint: { folder: checkpoints } }),
      progress: ({ fraction, epoch, latest }) => options.progress(fraction, epoch, latest),
      ...{ signal, seed },
    })
    signal.throwIfAborted()
    return { weights: step.parameters(), result }
  } finally {
    await step.release()
  }
}

function toSchedule({ schedule, learningRate, epochs }: FitRecipe, perEpoch: number): Schedule {
  if (schedule === 'constant') return constant(learningRate)
  const steps = epochs * perEpoch
  return warmUp(cosine(learningRate, steps), Math.ceil(steps / 20))
}

async function* trainingBatches(
  options: FitOptions,
  epoch: number,
  random: Random,
): AsyncGenerator<Batch> {
  const { training, recipe } = options
  const order = shuffled([...training.keys()], random)
  for (let start = 0; start < order.length; start += recipe.batch) {
    const rows = order.slice(start, start + recipe.batch)
    // Rows are at different views in one epoch, so that every epoch has some of each.
    const places = rows.map((row) => {
      const own = training[row]!.places
      return own[(epoch + row) % own.length]!
    })
    yield await toBatch(
      options,
      places,
      rows.map((row) => training[row]!.label),
    )
  }
}

/** Mean loss and accuracy. */
async function judge(
  step: TrainingStep,
  options: FitOptions,
  rows: readonly TableRow[],
): Promise<{ readonly loss: number; readonly accuracy: number }> {
  const { batch } = options.recipe
  let [sum, right] = [0, 0]
  for (let start = 0; start < rows.length; start += batch) {
    const part = rows.slice(start, start + batch)
    const labels = part.map(({ label }) => label)
    const places = part.map((row) => row.places[0]!)
    const { feeds } = await toBatch(options, places, labels)
    const { loss, outputs } = await step.evaluate(feeds)
    const scores = outputs[options.output]!
    const classes = scores.dims[1]!
    sum += loss * part.length
    for (const [i, label] of labels.entries()) {
      const row = (scores.data as Float32Array).subarray(i * classes, (i + 1) * classes)
      if (indexOfMost(row) === label) right += 1
    }
  }
  return { loss: sum / rows.length, accuracy: right / rows.length }
}

/** Filled up with rows that do not count: copies, which keep a batch's statistics near to real ones. */
async function toBatch(
  { table, input, recipe: { batch } }: FitOptions,
  places: readonly number[],
  labels: readonly number[],
): Promise<Batch> {
  const all = Array.from({ length: batch }, (_, i) => i % places.length)
  const data = new Float32Array(batch * table.length)
  await table.read(
    all.map((i) => places[i]!),
    data,
  )
  return {
    rows: places.length,
    feeds: {
      [input.name]: { type: 'float32', dims: [batch, ...input.shape], data },
      labels: {
        type: 'int64',
        dims: [batch],
        data: BigInt64Array.from(all, (i) => BigInt(labels[i]!)),
      },
      [ROW_WEIGHTS]: {
        type: 'float32',
        dims: [batch],
        data: Float32Array.from({ length: batch }, (_, i) => (i < places.length ? 1 : 0)),
      },
    },
  }
}
