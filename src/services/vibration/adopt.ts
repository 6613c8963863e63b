// A user's autoencoder, and the scaler that goes before it, as a version of the vibration service.
import { type Adopt, unfit } from '../../importers/adopt.ts'
import type { ImportedModel } from '../../importers/import-files.ts'
import { toVibrationSpec } from './spec.ts'

const BATCH = 64
const FEATURES = 24

/** @throws DugaError model.unfit; TypeError */
export const adopt: Adopt = ({ models, settings }) => {
  const { threshold_seed, quantile, drift_after, ...rest } = settings
  const scalers = models.filter(({ decode }) => decode.scaler !== undefined)
  const networks = models.filter((model) => !scalers.includes(model))
  const [network] = networks
  if (network === undefined || networks.length > 1 || scalers.length > 1) {
    const held = `${networks.length} networks and ${scalers.length} scalers`
    throw unfit('vibration', `it takes an autoencoder and its scaler; the files hold ${held}`)
  }
  const features = rest.features ?? featuresOf(network)
  const scaler = rest.scaler ?? scalers[0]?.decode.scaler ?? null
  const answer = { threshold_seed, quantile, drift_after }
  const said = {
    decode: { ...rest, features, scaler },
    answer: Object.fromEntries(
      Object.entries(answer).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
    ),
  }
  toVibrationSpec({ ...said, inputs: network.inputs, outputs: network.outputs })
  return {
    ...said,
    model: network,
    labels: null,
    files: network.files,
    maxBatch: network.inputs[0]!.shape[0] ?? BATCH,
    notices: [
      ...(scaler === null ? ['No scaler is given: the features go in as they are.'] : []),
      ...(threshold_seed === undefined
        ? ['No errors of the training are given: the threshold is learnt from the first answers.']
        : []),
    ],
  }
}

function featuresOf({ inputs, outputs }: ImportedModel): 'statistics24' | 'raw' {
  const shape = inputs[0]?.shape.slice(1) ?? []
  const size = shape.reduce<number>((all, dim) => all * (dim ?? 0), 1)
  const answered = outputs[0]?.shape.slice(1).reduce<number>((all, dim) => all * (dim ?? 0), 1)
  if (inputs.length === 1 && size === answered && size === FEATURES) return 'statistics24'
  if (inputs.length === 1 && size === answered && size === FEATURES * 4) return 'raw'
  const told = `[${shape.map((dim) => dim ?? 'any').join(', ')}]`
  throw unfit(
    'vibration',
    `it takes ${told}; 24 features or 24 points of 4 values have to come back`,
  )
}
