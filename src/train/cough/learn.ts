// Recordings with their sides → a trained network and its answers to the test part: the whole of a cough training, for the
// service's trainer and for the default model alike.
import { writeModel } from '../../onnx/model.ts'
import { checkpointFolder } from '../checkpoint-folder.ts'
import { type ClassificationMetrics, classificationMetrics } from '../classification-metrics.ts'
import { checkClasses } from '../data/check-classes.ts'
import { toClassBalance } from '../data/class-balance.ts'
import { dataHash } from '../data/frozen-dataset.ts'
import type { FileRow, Skipped } from '../data/row.ts'
import type { Side } from '../data/split-rows.ts'
import { type FittedCough, fitCough, type LabelledClip } from './fit.ts'
import { readMels } from './read-mels.ts'
import type { CoughDecode, CoughRecipe } from './recipe.ts'
import { type ScoredRecording, scoreRecordings } from './score-recordings.ts'

export interface LearnOptions {
  readonly rows: readonly FileRow[]
  /** Of each row. */
  readonly sides: readonly Side[]
  readonly classes: readonly string[]
  readonly decode: CoughDecode
  readonly recipe: CoughRecipe
  readonly seed: number
  readonly threads: number
  /** A job's folder; see TrainContext. */
  readonly checkpoints?: string
  readonly signal: AbortSignal
  progress(fraction: number, message: string): void
}

export interface LearnedCough extends Pick<LearnOptions, 'classes' | 'decode' | 'recipe' | 'seed'> {
  readonly model: Uint8Array
  readonly fitted: FittedCough
  /** Rows that were read, by side. */
  readonly parts: Readonly<Record<Side, readonly FileRow[]>>
  readonly test: readonly ScoredRecording[]
  readonly metrics: Partial<ClassificationMetrics>
  readonly skipped: readonly Skipped[]
  readonly notices: readonly string[]
}

/** @throws DugaError training.too-few-rows where too little can be read; the signal's reason */
export async function learnCough(options: LearnOptions): Promise<LearnedCough> {
  const { rows, sides, classes, decode, signal, threads } = options
  options.progress(0, 'listening')
  const { clips, skipped } = await readMels(rows, {
    ...{ decode, threads, signal },
    onProgress: (fraction) => options.progress(0.2 * fraction, 'listening'),
  })
  const read = [...rows.keys()].filter((row) => clips[row] !== null)
  checkClasses(
    read.map((row) => rows[row]!.label),
    'recordings',
  )
  const places = (side: Side) => read.filter((row) => sides[row] === side)
  const toClips = (side: Side): LabelledClip[] =>
    places(side).map((row) => {
      const { id, label } = rows[row]!
      return { id, clip: clips[row]!, label: classes.indexOf(label) }
    })
  const { recipe, seed, checkpoints } = options
  const hashOf = (side: Side) => dataHash(places(side).map((row) => rows[row]!))
  const fitted = await fitCough({
    ...options,
    training: toClips('train'),
    validation: toClips('validation'),
    ...(checkpoints !== undefined && {
      checkpoint: checkpointFolder(checkpoints, {
        ...{ training: hashOf('train'), validation: hashOf('validation') },
        ...{ classes, decode, recipe, seed },
      }),
    }),
    progress: (fraction, message) => options.progress(0.2 + 0.7 * fraction, message),
  })
  options.progress(0.9, 'judging')
  const toRows = (side: Side) => places(side).map((row) => rows[row]!)
  const parts = { train: toRows('train'), validation: toRows('validation'), test: toRows('test') }
  const model = writeModel(fitted.model)
  const test = await scoreRecordings(model, decode, parts.test, signal)
  const { notices } = toClassBalance(parts.train.map(({ label }) => label))
  const metrics = measure(test, classes)
  return {
    ...{ classes, decode, recipe, seed, model, fitted },
    ...{ parts, test, metrics, skipped, notices },
  }
}

/** Empty where there is no row. */
function measure(
  test: readonly ScoredRecording[],
  classes: readonly string[],
): Partial<ClassificationMetrics> {
  if (test.length === 0) return {}
  return classificationMetrics(
    test.map(({ row, probabilities }) => ({
      label: classes.indexOf(row.label),
      scores: probabilities,
    })),
  )
}
