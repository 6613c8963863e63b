// Tuning the face classifier that serves to the cameras of a site: a folder with real/ and fake/, faces cut out as at serving,
// persons kept apart, a threshold of its own. Run by a job in a process of its own; see jobs/.
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { moduleUrl } from '../../engine/service.ts'
import { DugaError } from '../../errors.ts'
import type { FileRow } from '../../train/data/row.ts'
import { keepSides } from '../../train/face/keep-sides.ts'
import type { ViewSetup } from '../../train/face/prepare-view.ts'
import { FACE_AUGMENTATION, FACE_RECIPE } from '../../train/face/recipe.ts'
import { recipeNumbers, seedOf } from '../../train/options.ts'
import { writeCard } from '../../train/report/write-card.ts'
import type { TrainContext, TrainTask } from '../../train/task.ts'
import { learnByTransfer } from '../../train/transfer/learn.ts'
import type { TransferRecipe } from '../../train/transfer/recipe.ts'
import { findStageCuts } from '../../train/transfer/stages.ts'
import { toEvaluation } from '../../train/transfer/to-evaluation.ts'
import { FACE_CLASSES, judgeFaces } from './judge.ts'
import { loadTunable } from './load-tunable.ts'
import { toFacePixels } from './pixels.ts'
import { readFaces } from './read-faces.ts'
import { readSides, toCandidate } from './to-candidate.ts'

/** Of all cached features; the least recently used go first. */
const CACHE_BYTES = 4 * 2 ** 30

/**
 * Parameters: `data` (the folder), `seed`, `views` (augmented, of each picture), `unfreeze` (stages that are trained besides the
 * head), and of these stages `epochs`, `batch_size`, `learning_rate`, `patience`.
 */
export const train: TrainTask = async (context) => {
  const { parameters, checkpoints, signal, progress, version } = context
  const { threads = availableParallelism() } = context
  const seed = seedOf(parameters)
  const { incumbent } = context
  if (incumbent === null) throw new DugaError('model.missing', { service: 'face' })
  const { model, at } = await loadTunable(incumbent.paths.model!)
  const recipe = toRecipe(parameters, findStageCuts(model, at).length)
  progress(0, 'reading')
  const source = String(parameters.data)
  const faces = await readFaces(source, {
    ...{ incumbent, threads, signal, folder: join(checkpoints, 'crops') },
    onProgress: (fraction) => progress(0.15 * fraction, 'finding faces'),
  })
  const split = keepSides(faces.pictures, await readSides(incumbent.paths.sides), seed)
  const inputs = toInputs(incumbent.manifest)
  const learned = await learnByTransfer({
    ...{ rows: faces.crops, sides: split.sides, classes: FACE_CLASSES, model, at, inputs },
    ...{ recipe, seed, threads, work: checkpoints, signal },
    cache: { folder: context.cache ?? join(checkpoints, 'features'), maxBytes: CACHE_BYTES },
    progress: (fraction, message) => progress(0.15 + 0.8 * fraction, message),
  })
  progress(0.95, 'judging')
  const judged = await judgeFaces(learned, incumbent, { seed, threads, signal })
  const { gate } = judged
  const { first, second, views, unfreeze } = recipe
  const asked = {
    ...{ seed, views, unfreeze, epochs: second.epochs, batch: second.batch },
    ...{ learning_rate: second.learningRate, patience: second.earlyStopping.patience },
    head: { epochs: first.epochs, learning_rate: first.learningRate },
  }
  const skipped = [...faces.skipped, ...learned.skipped]
  const notices = [...faces.notices, ...split.notices, ...learned.notices]
  const pictures = new Map(faces.pictures.map((row) => [row.id, row]))
  const toPictures = (rows: readonly FileRow[]) => rows.map(({ id }) => pictures.get(id)!)
  const { parts, test } = learned
  const evaluation = {
    ...toEvaluation(
      {
        ...{ ...learned, skipped, validation: judged.validation },
        test: judged.test.map((one) => ({ ...one, row: pictures.get(one.row.id)! })),
      },
      { classes: FACE_CLASSES, source, method: describe(recipe), notices, parameters: asked },
    ),
    decision: { positive: FACE_CLASSES.indexOf('fake'), threshold: judged.threshold },
  }
  const card = writeCard(evaluation, { service: 'face', version, gate }, { about: LIMITS })
  const candidate = await toCandidate({
    ...{ learned, judged, incumbent, evaluation, parameters: asked, card },
    parts: {
      ...{ train: toPictures(parts.train), validation: toPictures(parts.validation) },
      test: toPictures(test.map(({ row }) => row)),
    },
  })
  progress(1, 'done')
  return {
    ...{ candidate, gate, evaluation },
    notices: [...notices, ...skipped.map(({ file, reason }) => `Left out ${file}: ${reason}.`)],
  }
}

/** @param stages that the network has */
function toRecipe(parameters: TrainContext['parameters'], stages: number): TransferRecipe {
  const { patience, ...numbers } = recipeNumbers(parameters)
  const { first, second, views, unfreeze } = FACE_RECIPE
  const count = (value: unknown, usual: number) => (typeof value === 'number' ? value : usual)
  const own = {
    ...{ ...second, ...numbers },
    ...(patience !== undefined && { earlyStopping: { ...second.earlyStopping, patience } }),
  }
  const { batch } = own
  return {
    ...FACE_RECIPE,
    ...{ first: { ...first, batch }, second: own, views: count(parameters.views, views) },
    unfreeze: count(parameters.unfreeze, Math.min(unfreeze, stages)),
  }
}

function toInputs(manifest: Parameters<typeof toFacePixels>[0] & TunedInputs) {
  const plain: ViewSetup = {
    ...{ inputName: manifest.inputs[0]!.name, pixels: toFacePixels(manifest), augmentation: null },
  }
  const augmented: ViewSetup = { ...plain, augmentation: FACE_AUGMENTATION }
  const module = moduleUrl(import.meta.url, '../../train/face/prepare-view')
  return { module, plain, augmented }
}

type TunedInputs = Pick<NonNullable<TrainContext['incumbent']>['manifest'], 'inputs'>

function describe({ views, unfreeze }: TransferRecipe): string {
  const thawed = unfreeze === 0 ? '' : ', then the last stage of the network at a lower rate'
  return (
    `The version that served, tuned: a new head on each face and ${views} views of it as other cameras would have seen it${thawed}; ` +
    'probabilities by temperature scaling and the threshold at the equal error rate of validation pictures.'
  )
}

const LIMITS =
  'Tells live faces from the kinds of copies that it was shown, on cameras like those of its pictures: expect less on other ' +
  'cameras, other light and attacks that were not among them. It judges one still picture, and is no certified detection of ' +
  'presentation attacks. Measure it on the people it will judge.'
