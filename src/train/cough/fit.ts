// Trains the network of a cough model on spectrograms that were read, stops when validation rows stop getting better, and
// calibrates it on them. Knows no files.
import type { ModelProto } from '../../onnx/proto.ts'
import type { Tensors } from '../../tensor/tensor.ts'
import { createDraw } from '../augment/counter-random.ts'
import { createTrainingStep, type TrainingStep } from '../create-training-step.ts'
import { toClassBalance } from '../data/class-balance.ts'
import { softmaxCrossEntropy } from '../losses.ts'
import { adam } from '../optimisers/adam.ts'
import { type Random, shuffled } from '../random.ts'
import { replaceWeights } from '../replace-weights.ts'
import { cosine, warmUp } from '../schedules.ts'
import { softmaxRows } from '../softmax-rows.ts'
import { ROW_WEIGHTS } from '../step-graph.ts'
import { fitTemperature } from '../temperature.ts'
import { type Batch, type TrainerResult, trainModel } from '../trainer.ts'
import { drawPiece, hearOtherwise, hearPlainly } from './hear.ts'
import { createCoughNetwork, LOGITS, SCALE } from './network.ts'
import type { MelClip } from './read-mels.ts'
import type { CoughDecode, CoughRecipe } from './recipe.ts'

export interface LabelledClip {
  /** Random numbers of its hearings come from it. */
  readonly id: string
  readonly clip: MelClip
  /** Class index. */
  readonly label: number
}

export interface FitOptions {
  readonly classes: readonly string[]
  readonly training: readonly LabelledClip[]
  readonly validation: readonly LabelledClip[]
  readonly decode: CoughDecode
  readonly recipe: CoughRecipe
  readonly seed: number
  readonly threads: number
  /** Where its checkpoint is kept, and resumed from. Without it nothing is kept. */
  readonly checkpoint?: string
  readonly signal: AbortSignal
  progress(fraction: number, message: string): void
}

export interface FittedCough {
  readonly model: ModelProto
  /** What logits are multiplied with; it is in the model. */
  readonly scale: number
  readonly result: TrainerResult
  /** Calibrated answers to the validation rows, whole and in part. */
  readonly validation: {
    readonly labels: readonly number[]
    readonly probabilities: Float32Array
  }
}

/** Deterministic for a seed and a number of threads. Where the loss stops being finite the best weights so far stay. */
export async function fitCough(options: FitOptions): Promise<FittedCough> {
  const { classes, training, validation, decode, recipe, seed, signal } = options
  const network = { decode, classes: classes.length, dropout: recipe.dropout, seed }
  const model = createCoughNetwork(network)
  const { weights } = toClassBalance(repeat(training).map(({ label }) => classes[label]!))
  const step = await createTrainingStep({
    model,
    output: LOGITS,
    batch: recipe.batch,
    loss: softmaxCrossEntropy({
      labelSmoothing: recipe.labelSmoothing,
      classWeights: classes.map((label) => weights.get(label)!),
    }),
    optimiser: adam(),
    seed,
    threads: options.threads,
    clip: { globalNorm: 5 },
  })
  try {
    const views = toViews(validation, options)
    const shape = { batch: recipe.batch, decode }
    const steps = recipe.epochs * Math.ceil(repeat(training).length / recipe.batch)
    const result = await trainModel({
      step,
      batches: (epoch, random) => trainingBatches(options, epoch, random),
      validate: () => judge(step, views, shape),
      epochs: recipe.epochs,
      schedule: warmUp(cosine(recipe.learningRate, steps), Math.ceil(steps / 40)),
      earlyStopping: { patience: recipe.patience },
      ...(options.checkpoint !== undefined && {
        checkpoint: { folder: options.checkpoint, everyBatches: CHECKPOINT_BATCHES },
      }),
      signal,
      progress: ({ fraction, epoch, latest }) => {
        options.progress(fraction, describe(epoch, latest))
      },
      seed,
    })
    signal.throwIfAborted()
    const { logits, labels } = await collect(step, views, shape)
    const scale = fitTemperature(logits, labels, classes.length)
    const calibrated = replaceWeights(step.toInferenceModel(), {
      [SCALE]: { type: 'float32', dims: [], data: Float32Array.of(scale) },
    })
    const probabilities = softmaxRows(logits, classes.length, scale)
    return { model: calibrated, scale, result, validation: { labels, probabilities } }
  } finally {
    await step.release()
  }
}

/** Some seconds. */
const CHECKPOINT_BATCHES = 50

function describe(epoch: number, latest: Readonly<Record<string, number>> | null): string {
  if (latest === null) return 'training'
  const { val_loss: loss, val_balanced_accuracy: accuracy } = latest
  return `training, epoch ${epoch}: validation loss ${loss!.toFixed(3)}, balanced accuracy ${accuracy!.toFixed(3)}`
}

/** Classes whose sounds may lie under any other: what is no cough. */
const BACKGROUND = /^(non|no|not|other|background|noise)\b|^(bukan|lain|latar)\b/i

/** Rows of small classes are heard up to so many times an epoch, each time otherwise. */
const MOST_TIMES = 3

function repeat(rows: readonly LabelledClip[]): (LabelledClip & { readonly time: number })[] {
  const classes = [...Map.groupBy(rows, ({ label }) => label).values()]
  const most = Math.max(...classes.map((own) => own.length))
  return classes.flatMap((own) => {
    const times = Math.max(1, Math.min(MOST_TIMES, Math.floor(most / own.length)))
    return Array.from({ length: times }, (_, time) => own.map((row) => ({ ...row, time }))).flat()
  })
}

function* trainingBatches(
  { training, classes, decode, recipe, seed }: FitOptions,
  epoch: number,
  random: Random,
): Generator<Batch> {
  const backgrounds = training
    .filter(({ label }) => BACKGROUND.test(classes[label]!))
    .map(({ clip }) => clip)
  const order = shuffled(repeat(training), random)
  for (let start = 0; start < order.length; start += recipe.batch) {
    const rows = order.slice(start, start + recipe.batch)
    const pictures = rows.map(({ id, clip, time }) => {
      const draw = createDraw({ seed, epoch: epoch * MOST_TIMES + time, id })
      return hearOtherwise(clip, decode, recipe.augmentation, draw, backgrounds)
    })
    yield toBatch(
      rows.map(({ label }) => label),
      pictures,
      { batch: recipe.batch, decode },
    )
  }
}

interface Shape {
  readonly batch: number
  readonly decode: CoughDecode
}

interface View {
  readonly label: number
  readonly picture: () => Float32Array
}

/** Validation rows as they are, and a piece of each, the same every epoch. */
function toViews(rows: readonly LabelledClip[], { decode, recipe, seed }: FitOptions): View[] {
  const { seconds } = recipe.augmentation.crop
  return rows.flatMap(({ id, clip, label }) => {
    const whole = { start: 0, frames: Math.min(clip.frames, decode.frames) }
    const piece = drawPiece(clip, decode, seconds, createDraw({ seed, epoch: -1, id }))
    return [whole, piece].map((part) => ({ label, picture: () => hearPlainly(clip, part, decode) }))
  })
}

/** Mean loss and balanced accuracy. */
async function judge(
  step: TrainingStep,
  views: readonly View[],
  shape: Shape,
): Promise<{ readonly loss: number; readonly balanced_accuracy: number }> {
  const { logits, labels, loss } = await collect(step, views, shape)
  const classes = logits.length / labels.length
  const right = new Map<number, number[]>()
  for (const [i, label] of labels.entries()) {
    const row = logits.subarray(i * classes, (i + 1) * classes)
    const named = row.indexOf(Math.max(...row))
    right.set(label, [...(right.get(label) ?? []), named === label ? 1 : 0])
  }
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length
  return { loss, balanced_accuracy: mean([...right.values()].map(mean)) }
}

async function collect(step: TrainingStep, views: readonly View[], shape: Shape) {
  const { batch } = shape
  const logits: number[] = []
  let sum = 0
  for (let start = 0; start < views.length; start += batch) {
    const part = views.slice(start, start + batch)
    const { feeds, rows } = toBatch(
      part.map(({ label }) => label),
      part.map(({ picture }) => picture()),
      shape,
    )
    const { loss, outputs } = await step.evaluate(feeds)
    const [tensor] = Object.values(outputs)
    const classes = tensor!.dims[1]!
    logits.push(...(tensor!.data as Float32Array).subarray(0, rows * classes))
    sum += loss * rows
  }
  const labels = views.map(({ label }) => label)
  return { logits: Float32Array.from(logits), labels, loss: sum / views.length }
}

/** Filled up with rows that do not count. */
function toBatch(
  labels: readonly number[],
  pictures: readonly Float32Array[],
  { batch, decode: { mels, frames } }: Shape,
): Batch & { readonly feeds: Tensors } {
  const size = mels * frames
  const data = new Float32Array(batch * size)
  const weights = new Float32Array(batch)
  const indices = new BigInt64Array(batch)
  for (let row = 0; row < batch; row++) {
    // A copy of a real row keeps the statistics of batch normalisation near to real ones.
    data.set(pictures[row % pictures.length]!, row * size)
    indices[row] = BigInt(labels[row % labels.length]!)
    weights[row] = row < pictures.length ? 1 : 0
  }
  return {
    rows: pictures.length,
    feeds: {
      x: { type: 'float32', dims: [batch, 1, mels, frames], data },
      labels: { type: 'int64', dims: [batch], data: indices },
      [ROW_WEIGHTS]: { type: 'float32', dims: [batch], data: weights },
    },
  }
}
