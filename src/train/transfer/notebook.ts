// Contract 3's notebook as it was: every epoch sees every training picture augmented anew, the frozen network is run at each
// step, and the head on all of its last planes is trained with Adam. Slower than cached views (see learn.ts).
import { createCollector } from '../../engine/collect-garbage.ts'
import { loadSession, type Session } from '../../engine/runtime.ts'
import { cutModel, tailOf } from '../../onnx/cut-model.ts'
import { writeModel } from '../../onnx/model.ts'
import { checkpointFolder } from '../checkpoint-folder.ts'
import { indexOfMost } from '../classification-metrics.ts'
import { createTrainingStep, type TrainingStep } from '../create-training-step.ts'
import { createLoader, type Loader, type Batch as Pictures } from '../data/loader.ts'
import type { FileRow, Skipped } from '../data/row.ts'
import type { Side } from '../data/split-rows.ts'
import { softmaxCrossEntropy } from '../losses.ts'
import { adam } from '../optimisers/adam.ts'
import { createRandom } from '../random.ts'
import { withoutInitializers } from '../replace-weights.ts'
import { constant } from '../schedules.ts'
import { softmaxRows } from '../softmax-rows.ts'
import { ROW_WEIGHTS } from '../step-graph.ts'
import { type Batch, trainModel } from '../trainer.ts'
import { appendHead, type HeadedNetwork, withWeights } from './head.ts'
import { identify, type TransferOptions, type Transferred } from './learn.ts'
import type { NotebookRecipe } from './recipe.ts'
import { findLastPlanes } from './stages.ts'

export type NotebookOptions = Omit<TransferOptions, 'recipe' | 'cache'> & {
  readonly recipe: NotebookRecipe
}

/** Pictures that the frozen network is run on at once: more take more memory and no less time. */
const FROZEN_ROWS = 8
/** Of pictures that are ready or in the making. */
const AHEAD_BYTES = 64 << 20

/**
 * Deterministic for a seed and a number of threads. No probability is calibrated: the notebook did not.
 * @throws what learnByTransfer throws; `training.one-class` where a whole side could not be read
 */
export async function learnNotebook(options: NotebookOptions): Promise<Transferred> {
  const { rows, sides, classes, recipe, seed, signal } = options
  const start = performance.now()
  const { trainer, skeleton } = await open(options)
  const skipped = new Map<string, Skipped>()
  const places = (side: Side) => [...rows.keys()].filter((row) => sides[row] === side)
  const own = { train: places('train'), validation: places('validation'), test: places('test') }
  const loader = trainer.load(own.train, true)
  try {
    const result = await trainModel({
      step: trainer.step,
      batches: (epoch) => trainer.batches(loader, own.train, epoch),
      validate: async () => (await trainer.judge(own.validation, skipped)).figures,
      epochs: recipe.epochs,
      schedule: constant(recipe.learningRate),
      earlyStopping: recipe.earlyStopping,
      reduceOnPlateau: recipe.reduceOnPlateau,
      checkpoint: { folder: checkpointFolder(options.work, identify(options)) },
      progress: ({ fraction, epoch }) =>
        options.progress(0.95 * fraction, `training, epoch ${epoch + 1}`),
      ...{ signal, seed },
    })
    signal.throwIfAborted()
    options.progress(0.95, 'judging')
    for (const one of loader.skipped) skipped.set(one.file, one)
    const validation = await trainer.judge(own.validation, skipped)
    const test = await trainer.judge(own.test, skipped)
    const files = (side: Side): FileRow[] =>
      own[side].map((row) => rows[row]!).filter(({ id }) => !skipped.has(id))
    return {
      model: withWeights(skeleton, trainer.step.parameters()),
      scale: 1,
      history: result.history,
      bestEpoch: result.bestEpoch,
      parts: { train: files('train'), validation: files('validation'), test: files('test') },
      test: test.rows.map((row, i) => ({
        row: rows[row]!,
        probabilities: test.probabilities.slice(i * classes.length, (i + 1) * classes.length),
      })),
      validation: {
        labels: validation.rows.map((row) => classes.indexOf(rows[row]!.label)),
        probabilities: validation.probabilities,
      },
      skipped: [...skipped.values()].toSorted((a, b) => (a.file < b.file ? -1 : 1)),
      notices: [],
      durations: { ...result.durations, whole: (performance.now() - start) / 1000 },
    }
  } finally {
    await loader.close()
    await trainer.release()
  }
}

/** The first weights of the head are let go: there may be many. */
async function open(options: NotebookOptions) {
  const { model, classes, recipe, seed } = options
  const network = appendHead(model, findLastPlanes(model, options.at), {
    ...{ ...recipe.head, classes: classes.length, random: createRandom(seed) },
  })
  const trainer = await openNotebook(network, options)
  const names = network.model.graph!.initializer.map(({ name }) => name!)
  const own = names.filter((name) => name.startsWith('head.'))
  return { trainer, skeleton: withoutInitializers(network.model, own) }
}

/** What one run of the judged rows gave. */
interface Judged {
  /** Places of the rows that could be read. */
  readonly rows: readonly number[]
  readonly probabilities: Float32Array
  readonly figures: { readonly loss: number; readonly accuracy: number }
}

export interface NotebookTrainer {
  readonly step: TrainingStep
  /** @param augmented whether pictures are augmented and shuffled */
  load(places: readonly number[], augmented: boolean): Loader
  /** The batches of an epoch, their pictures run through the frozen network. */
  batches(loader: Loader, places: readonly number[], epoch: number): AsyncGenerator<NotebookBatch>
  /** @param skipped files that cannot be read are added */
  judge(places: readonly number[], skipped: Map<string, Skipped>): Promise<Judged>
  release(): Promise<void>
}

interface NotebookBatch extends Batch {
  /** Places of its rows in all rows. */
  readonly places: readonly number[]
}

/** The frozen network and the head, ready for training; the pieces that an epoch is made of. */
export async function openNotebook(
  network: HeadedNetwork,
  options: Pick<
    NotebookOptions,
    'rows' | 'classes' | 'inputs' | 'recipe' | 'seed' | 'threads' | 'signal'
  >,
): Promise<NotebookTrainer> {
  const { rows, classes, inputs, recipe, seed, threads, signal } = options
  const { batch } = recipe
  const { features: at, width, logits: scored } = network
  const frozen = await loadSession(writeModel(cutModel(network.model, network.features)), {
    threads,
  })
  const step = await createTrainingStep({
    model: tailOf(network.model, network.features, [network.width]),
    ...{ output: network.logits, batch, loss: softmaxCrossEntropy() },
    // Keras' epsilon.
    ...{ optimiser: adam({ epsilon: 1e-7 }), seed, threads },
  })
  const features = new Float32Array(batch * width)
  const collect = createCollector()
  const load: NotebookTrainer['load'] = (places, augmented) =>
    createLoader({
      ...{ rows: places.map((place) => rows[place]!), batchSize: batch, seed, threads },
      ...{ module: inputs.module, setup: augmented ? inputs.augmented : inputs.plain },
      ...{ shuffle: augmented, memoryBytes: AHEAD_BYTES },
    })
  const batches: NotebookTrainer['batches'] = async function* (loader, places, epoch) {
    for await (const pictures of loader.batches({ epoch }, signal)) {
      if (pictures.rows.length === 0) continue
      // Each step leaves a copy of the gradients behind, which of 51 million weights are 200 MB.
      collect()
      await runFrozen(frozen, pictures, features, width)
      const own = pictures.rows.map((row) => places[row]!)
      const labels = own.map((place) => classes.indexOf(rows[place]!.label))
      yield { ...toFeeds({ at, width }, features, labels, batch), places: own }
    }
  }
  const judging = new Map<readonly number[], Loader>()
  const judge: NotebookTrainer['judge'] = async (places, skipped) => {
    // Kept: starting threads each epoch takes longer than a few pictures.
    const loader = judging.get(places) ?? load(places, false)
    judging.set(places, loader)
    const read: number[] = []
    const logits = new Float32Array(places.length * classes.length)
    let sum = 0
    for await (const one of batches(loader, places, 0)) {
      const { loss, outputs } = await step.evaluate(one.feeds)
      const scores = outputs[scored]!.data as Float32Array
      logits.set(scores.subarray(0, one.rows * classes.length), read.length * classes.length)
      read.push(...one.places)
      sum += loss * one.rows
    }
    for (const one of loader.skipped) skipped.set(one.file, one)
    const known = logits.subarray(0, read.length * classes.length)
    const right = read.filter((place, i) => {
      const row = known.subarray(i * classes.length, (i + 1) * classes.length)
      return classes[indexOfMost(row)] === rows[place]!.label
    })
    return {
      rows: read,
      probabilities: softmaxRows(known, classes.length, 1),
      figures: { loss: sum / read.length, accuracy: right.length / read.length },
    }
  }
  return {
    ...{ step, load, batches, judge },
    release: async () => {
      for (const loader of judging.values()) await loader.close()
      await frozen.release()
      await step.release()
    },
  }
}

/** Writes the features of a batch; some pictures at a time. */
async function runFrozen(
  session: Session,
  { rows, inputs }: Pictures,
  into: Float32Array,
  width: number,
): Promise<void> {
  const output = session.outputs[0]!.name
  for (let start = 0; start < rows.length; start += FROZEN_ROWS) {
    const count = Math.min(FROZEN_ROWS, rows.length - start)
    const feeds = Object.fromEntries(
      Object.entries(inputs).map(([name, { type, dims, data }]) => {
        const size = data.length / rows.length
        const own = data.subarray(start * size, (start + count) * size)
        return [name, { type, dims: [count, ...dims.slice(1)], data: own }]
      }),
    )
    into.set((await session.run(feeds))[output]!.data as Float32Array, start * width)
  }
}

/** The last batch of an epoch is filled up with copies, which do not count. */
function toFeeds(
  { at, width }: { readonly at: string; readonly width: number },
  data: Float32Array,
  labels: readonly number[],
  batch: number,
): Batch {
  const all = Array.from({ length: batch }, (_, i) => labels[i % labels.length]!)
  for (let row = labels.length; row < batch; row++) {
    data.copyWithin(row * width, (row % labels.length) * width, ((row % labels.length) + 1) * width)
  }
  const weights = Float32Array.from(all, (_, i) => (i < labels.length ? 1 : 0))
  return {
    rows: labels.length,
    feeds: {
      [at]: { type: 'float32', dims: [batch, width], data },
      labels: { type: 'int64', dims: [batch], data: BigInt64Array.from(all, BigInt) },
      [ROW_WEIGHTS]: { type: 'float32', dims: [batch], data: weights },
    },
  }
}
