// Training a model of one's own breeds, or of any classes of pictures: a folder, one sub-folder a class, and a new head on a
// network that is there already. Run by a job in a process of its own; see jobs/.
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { moduleUrl } from '../../engine/service.ts'
import { DOG_GEOMETRY } from '../../train/augment/picture-augmentation.ts'
import { indexOfMost } from '../../train/classification-metrics.ts'
import { readSeen } from '../../train/cough/seen.ts'
import type { PictureSetup } from '../../train/data/prepare-picture.ts'
import { readMediaFolder } from '../../train/data/read-media-folder.ts'
import { splitRows } from '../../train/data/split-rows.ts'
import { seedOf } from '../../train/options.ts'
import { writeCard } from '../../train/report/write-card.ts'
import type { TrainContext, TrainResult, TrainTask } from '../../train/task.ts'
import { compareRights } from '../../train/transfer/compare.ts'
import type { RowInputs } from '../../train/transfer/extract-features.ts'
import { learnByTransfer, type ScoredRow } from '../../train/transfer/learn.ts'
import { learnNotebook } from '../../train/transfer/notebook.ts'
import { toEvaluation } from '../../train/transfer/to-evaluation.ts'
import { breedsOf } from './answer.ts'
import { type Backbone, loadBackbone } from './backbone.ts'
import { toBreedName } from './breed-name.ts'
import { toPlan } from './plan.ts'
import { scoreIncumbent } from './score-incumbent.ts'
import { toCandidate } from './to-candidate.ts'

/** Of all cached features; the least recently used go first. */
const CACHE_BYTES = 4 * 2 ** 30

/**
 * Parameters: `data` (the folder), `seed`, `views` (augmented, of each picture), `unfreeze` (stages of the network that are trained
 * too), `backbone` (an ONNX file), `recipe` (the old notebook's, exactly), and the numbers of the recipe.
 */
export const train: TrainTask = async (context) => {
  const { parameters, incumbent, checkpoints, signal, progress, version } = context
  const seed = seedOf(parameters)
  const plan = toPlan(parameters)
  progress(0, 'reading')
  const source = String(parameters.data)
  const known = incumbent === null ? [] : breedsOf(incumbent.manifest)
  const set = await readMediaFolder(source, { kind: 'picture', within: null, known, signal })
  const split = splitRows(set.rows, { seed })
  const backbone = await loadBackbone(
    typeof parameters.backbone === 'string' ? parameters.backbone : null,
  )
  const { classes } = set
  const common = {
    ...{ rows: set.rows, sides: split.sides, classes, model: backbone.model, at: backbone.at },
    ...{ inputs: toInputs(backbone), seed, threads: context.threads ?? availableParallelism() },
    ...{ work: checkpoints, signal, progress },
  }
  const cache = { folder: context.cache ?? join(checkpoints, 'features'), maxBytes: CACHE_BYTES }
  const learned =
    plan.kind === 'notebook'
      ? await learnNotebook({ ...common, recipe: plan.recipe })
      : await learnByTransfer({ ...common, recipe: plan.recipe, cache })
  const gate = await judge(context, learned.test, classes, seed)
  const asked = { seed, ...plan.numbers }
  const skipped = [...set.skipped, ...learned.skipped]
  const notices = [...set.notices, ...split.notices, ...learned.notices]
  const method = plan.describe(backbone.origin.name)
  const evaluation = toEvaluation(
    { ...learned, skipped },
    { classes, source, method, notices, parameters: asked },
  )
  const about = `${LIMITS}\n\nNetwork: ${backbone.origin.name}${
    backbone.origin.licence === undefined ? '' : `, ${backbone.origin.licence}`
  }, SHA-256 ${backbone.origin.sha256}.`
  const card = writeCard(evaluation, { service: 'dog', version, gate }, { about })
  const candidate = await toCandidate({ learned, backbone, classes, parameters: asked, card })
  progress(1, 'done')
  return {
    ...{ candidate, gate, evaluation },
    notices: [...notices, ...skipped.map(({ file, reason }) => `Left out ${file}: ${reason}.`)],
  }
}

const LIMITS =
  'Names one of its classes whatever the picture shows: it has no answer for what is none of them. Pictures of one source may ' +
  'stand in several parts: expect less on sources that are new.'

function toInputs({ input, pixels }: Backbone): RowInputs {
  const plain: PictureSetup = {
    ...{ inputName: input.name, pixels, applyOrientation: false, augmentation: null },
  }
  const augmented: PictureSetup = { ...plain, augmentation: { geometry: DOG_GEOMETRY } }
  const module = moduleUrl(import.meta.url, '../../train/data/prepare-picture')
  return { module, plain, augmented }
}

/** Both versions on the test pictures whose class both know, without those that the one that serves was trained on. */
async function judge(
  { incumbent, signal }: TrainContext,
  test: readonly ScoredRow[],
  classes: readonly string[],
  seed: number,
): Promise<TrainResult['gate']> {
  if (incumbent === null || incumbent.paths.model === undefined) {
    return { passed: true, reason: 'There is no version to compare with.' }
  }
  const known = new Set(breedsOf(incumbent.manifest))
  const common = test.filter(({ row }) => known.has(toBreedName(row.label)))
  if (common.length === 0) {
    return { passed: true, reason: 'The version that serves knows none of these classes.' }
  }
  const seen = await readSeen(incumbent.paths.seen)
  const fresh = common.filter(({ row }) => !seen.has(row.contentHash))
  const named = await scoreIncumbent(
    incumbent,
    fresh.map(({ row }) => row),
    signal,
  )
  const rights = fresh.flatMap(({ row, probabilities }) => {
    const theirs = named.get(row.id)
    if (theirs === undefined) return []
    const ours = classes[indexOfMost(probabilities)] === row.label
    const right = { ours: Number(ours), theirs: Number(theirs === toBreedName(row.label)) }
    return { ...right, group: row.group }
  })
  if (rights.length === 0) {
    return { passed: true, reason: 'No picture was held out of both versions.' }
  }
  return compareRights(rights, seed)
}
