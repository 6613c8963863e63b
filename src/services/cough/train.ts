// Training a cough model from a folder of recordings whose sub-folders are the classes: read, split, fit, judge beside the
// version that serves. Run by a job in a process of its own; see jobs/.
import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { indexOfMost } from '../../train/classification-metrics.ts'
import { learnCough } from '../../train/cough/learn.ts'
import { COUGH_DECODE, COUGH_RECIPE } from '../../train/cough/recipe.ts'
import { type ScoredRecording, scoreRecordings } from '../../train/cough/score-recordings.ts'
import { readSeen } from '../../train/cough/seen.ts'
import { toCandidate } from '../../train/cough/to-candidate.ts'
import { toEvaluation } from '../../train/cough/to-evaluation.ts'
import { readMediaFolder } from '../../train/data/read-media-folder.ts'
import { splitRows } from '../../train/data/split-rows.ts'
import { recipeNumbers, seedOf } from '../../train/options.ts'
import { pairedBootstrap } from '../../train/paired-bootstrap.ts'
import type { TrainContext, TrainResult, TrainTask } from '../../train/task.ts'
import { toCoughSpec } from './spec.ts'
import { writeCard } from './write-card.ts'

/** Parameters: `data` (the folder), `seed`, `epochs` (at most so many), `batch_size`, `learning_rate`, `patience`. */
export const train: TrainTask = async (context) => {
  const { parameters, incumbent, checkpoints, signal, progress, version } = context
  const { threads = availableParallelism() } = context
  const seed = seedOf(parameters)
  const recipe = { ...COUGH_RECIPE, ...recipeNumbers(parameters) }
  progress(0, 'reading')
  const known = incumbent?.manifest.labels ?? []
  const folder = String(parameters.data)
  const set = await readMediaFolder(folder, { kind: 'audio', within: null, known, signal })
  const split = splitRows(set.rows, { seed })
  const learned = await learnCough({
    ...{ rows: set.rows, classes: set.classes, sides: split.sides, decode: COUGH_DECODE },
    ...{ recipe, seed, checkpoints, signal, progress },
    threads,
  })
  const gate = await judge(context, learned.test, learned.classes, seed)
  const skipped = [...set.skipped, ...learned.skipped]
  const notices = [...set.notices, ...split.notices, ...learned.notices]
  const candidate = await toCandidate(learned, writeCard({ version, learned, gate }))
  progress(1, 'done')
  return {
    ...{ candidate, gate },
    notices: [...notices, ...skipped.map(({ file, reason }) => `Left out ${file}: ${reason}.`)],
    evaluation: toEvaluation(learned, { source: folder, skipped, notices }),
  }
}

/** Both versions on the same test rows, those left out that the one that serves was trained on. */
async function judge(
  { incumbent, signal }: TrainContext,
  test: readonly ScoredRecording[],
  classes: readonly string[],
  seed: number,
): Promise<TrainResult['gate']> {
  const model = incumbent?.paths.model
  if (!incumbent || model === undefined) {
    return { passed: true, reason: 'There is no version to compare with.' }
  }
  const seen = await readSeen(incumbent.paths.seen)
  const fresh = test.filter(({ row }) => !seen.has(row.contentHash))
  const rows = fresh.map(({ row }) => row)
  const spec = toCoughSpec(incumbent.manifest)
  const before = await scoreRecordings(await readFile(model), spec, rows, signal)
  if (before.length === 0) {
    return { passed: true, reason: 'No row was held out of both versions.' }
  }
  const ours = new Map(fresh.map((one) => [one.row.id, isRight(one, classes)]))
  const labels = incumbent.manifest.labels ?? []
  const theirs = before.map((one) => isRight(one, labels))
  const mine = before.map(({ row }) => ours.get(row.id)!)
  const { low, high } = pairedBootstrap(
    mine.map((right, i) => right - theirs[i]!),
    { seed, groups: before.map(({ row }) => row.group) },
  )
  const percent = (value: number) => `${(value * 100).toFixed(1)}%`
  const share = (rights: readonly number[]) =>
    percent(rights.reduce((sum, right) => sum + right, 0) / rights.length)
  const figures =
    `${share(mine)} right against ${share(theirs)} of the version that serves, on the same ` +
    `${mine.length} held-out recordings (difference ${percent(low)} to ${percent(high)})`
  return high < 0
    ? { passed: false, reason: `Worse than the version that serves: ${figures}.` }
    : { passed: true, reason: `Not worse: ${figures}.` }
}

function isRight({ row, probabilities }: ScoredRecording, labels: readonly string[]): number {
  return labels[indexOfMost(probabilities)] === row.label ? 1 : 0
}
