// A folder of pictures or recordings, one sub-folder a class, against a version's answers: for any service of files.
import { DugaError } from '../../errors.ts'
import { readSeen } from '../cough/seen.ts'
import { readMediaFolder } from '../data/read-media-folder.ts'
import type { FileRow } from '../data/row.ts'
import type { ClassificationInput, EvaluationInput } from '../report/evaluation-input.ts'
import { askAll } from './ask-all.ts'
import type { Asked, EvaluateContext } from './task.ts'
import { toScoreTable } from './to-score-table.ts'

export interface FolderOptions {
  readonly kind: 'picture' | 'audio'
  /** What the version can answer, in the order of its scores. */
  readonly classes: readonly string[]
  /** Probability of each class. */
  readonly scoresOf: (asked: Asked) => ArrayLike<number>
  /** The class that a folder stands for, where its name is another. */
  readonly classOf?: (folder: string) => string
  readonly decision?: ClassificationInput['decision']
}

/**
 * Files of classes that the version does not know count as mistakes; that, damaged files and files that it was trained
 * on (by the version's file `seen`) are told in the notices.
 * @throws DugaError training.unreadable, training.no-files
 */
export async function evaluateFolder(
  context: EvaluateContext,
  { kind, classes, scoresOf, classOf = (folder) => folder, decision }: FolderOptions,
): Promise<EvaluationInput> {
  const { parameters, signal, progress } = context
  const folder = String(parameters.data)
  progress(0, 'reading')
  const options = { kind, within: null, known: classes, needed: 0, signal } as const
  const set = await readMediaFolder(folder, options)
  const rows = set.rows.map((row) => ({ ...row, label: classOf(row.label) }))
  const { kept, skipped: damaged } = await askAll(context, {
    rows,
    inputOf: ({ path }) => ({ path }),
    keep: (asked) => Float32Array.from(scoresOf(asked)),
    nameOf: ({ id }) => id,
  })
  const judged = rows.filter((_, i) => kept[i] !== null)
  if (judged.length === 0) {
    const what = kind === 'picture' ? 'readable pictures' : 'readable recordings'
    throw new DugaError('training.no-files', { folder, what })
  }
  const table = toScoreTable({
    classes,
    truths: judged.map(({ label }) => label),
    scores: kept.filter((scores) => scores !== null),
  })
  const skipped = [...set.skipped, ...damaged]
  const seen = await readSeen(context.paths.seen)
  const notices = [...set.notices, ...table.notices, ...noticeSeen(judged, seen)]
  return {
    kind: 'classification',
    ...{ classes: table.classes, labels: table.labels, probabilities: table.probabilities },
    ...(decision !== undefined && { decision }),
    rows: judged.map(({ id, path }) =>
      kind === 'picture' ? { id, picture: path } : { id, audio: path },
    ),
    groups: judged.map(({ group }) => group),
    data: { source: folder, classes: table.counts, skipped, notices },
  }
}

function noticeSeen(rows: readonly FileRow[], seen: ReadonlySet<string>): string[] {
  const known = rows.filter(({ contentHash }) => seen.has(contentHash)).length
  if (known === 0) return []
  return [
    `The version was trained on ${known} of the ${rows.length} files: the figures flatter it.`,
  ]
}
