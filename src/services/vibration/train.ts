// Training the vibration model: read windows, fit an autoencoder to the normal ones, judge it on stretches of time that
// it has not seen. Run by a job in a process of its own; see jobs/.
import { checkpointFolder } from '../../train/checkpoint-folder.ts'
import { dataHash } from '../../train/data/frozen-dataset.ts'
import { recipeNumbers, seedOf } from '../../train/options.ts'
import type { EpochRecord } from '../../train/report/evaluation-input.ts'
import type { TrainContext, TrainTask } from '../../train/task.ts'
import { fitAutoencoder } from '../../train/vibration/fit-autoencoder.ts'
import { judgeScores, type WindowScores } from '../../train/vibration/gate.ts'
import type { Architecture } from '../../train/vibration/network.ts'
import { readVibrationData, type VibrationData } from '../../train/vibration/read-windows.ts'
import { VIBRATION_RECIPE } from '../../train/vibration/recipe.ts'
import { judgeAutoencoder, metricsOf, toCandidate } from '../../train/vibration/to-candidate.ts'
import { toEvaluation } from '../../train/vibration/to-evaluation.ts'
import { scoreWindows } from './score-windows.ts'
import { writeCard } from './write-card.ts'

/** Parameters: `data`, `seed`, `architecture`, the numbers of the recipe, and `normal`, the state of the rows that are as they should be, where it is not guessed. */
export const train: TrainTask = async (context) => {
  const { parameters, checkpoints, signal, progress, version } = context
  const seed = seedOf(parameters)
  const { architecture } = parameters
  const recipe = {
    ...{ ...VIBRATION_RECIPE, ...recipeNumbers(parameters) },
    ...(typeof architecture === 'string' && { architecture: architecture as Architecture }),
  }
  progress(0, 'reading')
  const { normal } = parameters
  const data = await readVibrationData(String(parameters.data), {
    ...{ recipe, seed, signal },
    ...(typeof normal === 'string' && { normal }),
  })
  signal.throwIfAborted()
  progress(0.2, 'training')
  const fitted = await fitAutoencoder(
    data.train.map(({ values }) => values),
    data.validation.map(({ values }) => values),
    {
      ...{ recipe, seed, signal },
      checkpoint: checkpointFolder(checkpoints, {
        ...{ training: dataHash(data.train), validation: dataHash(data.validation) },
        ...{ recipe, seed },
      }),
      progress: ({ fraction, epoch, latest }) =>
        progress(0.2 + 0.7 * fraction, describe(epoch, latest)),
    },
  )
  signal.throwIfAborted()
  progress(0.9, 'judging')
  const judged = await judgeAutoencoder(fitted, data, { recipe, seed })
  const ours = { ...judged.errors, threshold: judged.threshold }
  const gate = judgeScores(ours, await scoreIncumbent(context, data), seed)
  signal.throwIfAborted()
  const card = writeCard({ version, judged, metrics: metricsOf(judged), gate })
  const evaluation = toEvaluation(judged)
  progress(1, 'done')
  return {
    candidate: await toCandidate(judged, card),
    gate,
    notices: data.notices,
    ...(evaluation && { evaluation }),
  }
}

function describe(epoch: number, latest: EpochRecord | null): string {
  if (latest === null) return 'training'
  return `training, epoch ${epoch}: validation loss ${latest.val_loss!.toFixed(4)}`
}

async function scoreIncumbent(
  { incumbent }: TrainContext,
  { test }: VibrationData,
): Promise<WindowScores | null> {
  const path = incumbent?.paths.model
  if (path === undefined) return null
  return await scoreWindows(incumbent!.manifest, path, {
    normal: test.normal.map(({ values }) => values),
    anomalous: test.anomalous.map(({ values }) => values),
  })
}
