// The default vibration model, trained from a recorded fan: the same file always gives the same bytes on one machine.
import { existsSync } from 'node:fs'
import { DugaError } from '../../errors.ts'
import { fitAutoencoder } from '../../train/vibration/fit-autoencoder.ts'
import { readVibrationData } from '../../train/vibration/read-windows.ts'
import { VIBRATION_RECIPE as recipe } from '../../train/vibration/recipe.ts'
import { judgeAutoencoder, toCandidate } from '../../train/vibration/to-candidate.ts'
import type { BuiltModel } from './catalog-entry.ts'
import { fromCandidate } from './from-candidate.ts'

const SEED = 42

/**
 * @param csv path of the recordings
 * @throws DugaError training.unreadable where it is not there
 */
export async function buildVibration(csv: string): Promise<BuiltModel> {
  if (!existsSync(csv)) {
    const reason =
      'it is not there; the recordings are no part of the repository, see models/vibration/card.md'
    throw new DugaError('training.unreadable', { file: csv, reason })
  }
  const data = await readVibrationData(csv, { recipe, seed: SEED })
  const fitted = await fitAutoencoder(
    data.train.map(({ values }) => values),
    data.validation.map(({ values }) => values),
    { recipe, seed: SEED },
  )
  const judged = await judgeAutoencoder(fitted, data, { recipe, seed: SEED })
  return fromCandidate(await toCandidate(judged, ''))
}
