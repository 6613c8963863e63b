// Rows with their sides → a network with a new head, calibrated, and its answers to the test part: features of the frozen
// part once a view, a head on them, the last stages thawed where that is wanted. Knows no service and no manifest.
import { createHash } from 'node:crypto'
import { writeModel } from '../../onnx/model.ts'
import type { ModelProto } from '../../onnx/proto.ts'
import { checkpointFolder } from '../checkpoint-folder.ts'
import { toClassBalance } from '../data/class-balance.ts'
import { dataHash } from '../data/frozen-dataset.ts'
import type { FileRow, Skipped } from '../data/row.ts'
import type { Side } from '../data/split-rows.ts'
import { createRandom } from '../random.ts'
import type { EpochRecord } from '../report/evaluation-input.ts'
import { type RowInputs, toSkipped } from './extract-features.ts'
import type { TableRow } from './fit.ts'
import { appendHead, PROBABILITIES, withWeights } from './head.ts'
import { openFeatures } from './open-features.ts'
import { type Phase, scorePart, trainPart } from './phase.ts'
import type { TransferRecipe } from './recipe.ts'

export interface TransferOptions {
  readonly rows: readonly FileRow[]
  /** Of each row. */
  readonly sides: readonly Side[]
  readonly classes: readonly string[]
  /** The network that is learned from, and its value that the head reads. */
  readonly model: ModelProto
  readonly at: string
  /** How rows become its inputs. */
  readonly inputs: RowInputs
  readonly recipe: TransferRecipe
  readonly seed: number
  readonly threads: number
  /** Features that outlive the job. */
  readonly cache: { readonly folder: string; readonly maxBytes: number }
  /** Folder of this job alone: its tables, gone at the end, and its checkpoints; see TrainContext. */
  readonly work: string
  readonly signal: AbortSignal
  progress(fraction: number, message: string): void
}

export interface ScoredRow {
  readonly row: FileRow
  /** By class index. */
  readonly probabilities: Float32Array
}

export interface Transferred {
  /** Outputs `probabilities`, calibrated, and `embedding`. */
  readonly model: ModelProto
  /** What logits are multiplied with; it is in the model. */
  readonly scale: number
  /** Epochs of both phases, counted on. */
  readonly history: readonly EpochRecord[]
  readonly bestEpoch: number | null
  /** Rows that were read, by side. */
  readonly parts: Readonly<Record<Side, readonly FileRow[]>>
  readonly test: readonly ScoredRow[]
  readonly validation: { readonly labels: readonly number[]; readonly probabilities: Float32Array }
  readonly skipped: readonly Skipped[]
  readonly notices: readonly string[]
  /** Seconds by phase. */
  readonly durations: Readonly<Record<string, number>>
}

/** All that decides what is learned. */
export function identify(
  options: Omit<TransferOptions, 'recipe' | 'cache'> & { readonly recipe: object },
) {
  const { rows, sides, classes, recipe, seed, model, at, inputs } = options
  const backbone = createHash('sha256').update(writeModel(model)).digest('hex')
  return {
    ...{ data: dataHash(rows), sides, classes, seed, backbone, at },
    ...{ recipe, plain: inputs.plain, augmented: inputs.augmented },
  }
}

/**
 * @throws DugaError `input.invalid` where fewer stages can be thawed, training.too-few-rows where too little can be read;
 * `training.no-value`, `training.no-gradient`, `model.unknown-shape` for networks that cannot be trained; the signal's reason
 */
export async function learnByTransfer(options: TransferOptions): Promise<Transferred> {
  const { rows, sides, classes, recipe, seed, signal } = options
  const checkpoints = checkpointFolder(options.work, identify(options))
  const network = appendHead(options.model, options.at, {
    ...{ ...recipe.head, classes: classes.length, random: createRandom(seed) },
  })
  const clock = createClock()
  const features = await clock.time(
    'features',
    openFeatures(network, {
      ...options,
      onProgress: (fraction) => options.progress(0.5 * fraction, 'features'),
    }),
  )
  try {
    const { read, places, parts, extraction } = features
    const side = (wanted: Side) => read.filter((row) => sides[row] === wanted)
    const toRows = (wanted: Side): TableRow[] =>
      side(wanted).map((row) => {
        return { places: places.get(row)!, label: classes.indexOf(rows[row]!.label) }
      })
    const balance = toClassBalance(side('train').map((row) => rows[row]!.label))
    const phases: Phase[] = []
    for (const [i, part] of parts.entries()) {
      const span =
        parts.length === 1
          ? [0.5, 0.95]
          : [
              [0.5, 0.6],
              [0.6, 0.95],
            ][i]!
      const run = trainPart(network, {
        ...{ part, weights: phases.at(-1)?.weights ?? null, seed, signal },
        ...{ training: toRows('train'), validation: toRows('validation') },
        classWeights: classes.map((label) => balance.weights.get(label) ?? 1),
        ...{ threads: options.threads, checkpoints },
        progress: (fraction, message) =>
          options.progress(span[0]! + fraction * (span[1]! - span[0]!), message),
      })
      phases.push(await clock.time(part.title, run))
    }
    const best = phases.reduce((kept, phase) => (phase.loss <= kept.loss ? phase : kept))
    const model = withWeights(network.model, best.weights, best.scale)
    options.progress(0.95, 'judging')
    const toFiles = (wanted: Side) => side(wanted).map((row) => rows[row]!)
    const tested = side('test').map((row) => places.get(row)![0]!)
    const scores = await clock.time(
      'judging',
      scorePart({ ...network, model }, best.part, PROBABILITIES, {
        ...{ places: tested, threads: options.threads, signal },
      }),
    )
    return {
      ...{ model, scale: best.scale, ...joinHistories(phases, best) },
      parts: { train: toFiles('train'), validation: toFiles('validation'), test: toFiles('test') },
      test: side('test').map((row, i) => ({
        row: rows[row]!,
        probabilities: scores.slice(i * classes.length, (i + 1) * classes.length),
      })),
      validation: {
        labels: toRows('validation').map(({ label }) => label),
        probabilities: best.validation,
      },
      skipped: toSkipped(rows, extraction),
      notices: [...extraction.notices, ...balance.notices],
      durations: clock.durations,
    }
  } finally {
    await features.release()
  }
}

/** Epochs are counted on from phase to phase. */
function joinHistories(
  phases: readonly Phase[],
  best: Phase,
): Pick<Transferred, 'history' | 'bestEpoch'> {
  const history: EpochRecord[] = []
  let bestEpoch: number | null = null
  for (const phase of phases) {
    const { history: own, bestEpoch: kept } = phase.result
    if (phase === best && kept !== null) bestEpoch = history.length + kept
    for (const record of own) history.push({ ...record, epoch: history.length + 1 })
  }
  return { history, bestEpoch }
}

interface Clock {
  /** Seconds. */
  readonly durations: Readonly<Record<string, number>>
  time<T>(phase: string, work: Promise<T>): Promise<T>
}

function createClock(): Clock {
  const durations: Record<string, number> = {}
  return {
    durations,
    time: async (phase, work) => {
      const start = performance.now()
      const result = await work
      durations[phase] = (durations[phase] ?? 0) + (performance.now() - start) / 1000
      return result
    },
  }
}
