// A fitted autoencoder and its errors on held-out windows → metrics, and the files and the manifest of a version.
import type { Json } from '../../json.ts'
import { init, threshold as thresholdOf } from '../../tensor/dynamic-threshold.ts'
import { encodeSafetensors } from '../../tensor/safetensors.ts'
import type { SensorWindow } from '../data/read-sensor.ts'
import { rocAuc } from '../metrics/roc-curve.ts'
import { thresholdCounts } from '../metrics/threshold-counts.ts'
import type { Candidate } from '../task.ts'
import type { FittedAutoencoder } from './fit-autoencoder.ts'
import type { VibrationData } from './read-windows.ts'
import type { VibrationRecipe } from './recipe.ts'
import { runModel } from './run-model.ts'

export interface JudgedAutoencoder {
  readonly fitted: FittedAutoencoder
  readonly data: VibrationData
  readonly recipe: VibrationRecipe
  readonly seed: number
  /** Errors on the windows of the validation and test parts. */
  readonly errors: Readonly<Record<'validation' | 'normal' | 'anomalous', Float64Array>>
  readonly threshold: number
}

/** Runs the served model over what it was not trained on. */
export async function judgeAutoencoder(
  fitted: FittedAutoencoder,
  data: VibrationData,
  options: { readonly recipe: VibrationRecipe; readonly seed: number },
): Promise<JudgedAutoencoder> {
  const errorsOf = (windows: readonly SensorWindow[]) =>
    fitted.errorsOf(windows.map(({ values }) => values))
  const errors = {
    validation: await errorsOf(data.validation),
    normal: await errorsOf(data.test.normal),
    anomalous: await errorsOf(data.test.anomalous),
  }
  // As the service will have it before a device has shown anything.
  const { quantile } = options.recipe
  const threshold = thresholdOf(init(seedOf(errors.validation)), { quantile })!
  return { fitted, data, ...options, errors, threshold }
}

/** scikit-learn's names; `roc_auc` and `recall` only where there are anomalous windows. */
export function metricsOf({ errors, threshold }: JudgedAutoencoder): Record<string, number> {
  const { normal, anomalous } = errors
  const shareAbove = (values: Float64Array): number =>
    values.filter((error) => error > threshold).length / values.length
  const labels = [...normal].map(() => 0).concat([...anomalous].map(() => 1))
  const auc = rocAuc(thresholdCounts(labels, [...normal, ...anomalous]))
  return {
    ...(auc !== null && { roc_auc: auc, recall: shareAbove(anomalous) }),
    ...(normal.length > 0 && { false_alarm_rate: shareAbove(normal) }),
    threshold,
  }
}

/** The golden file replays the first windows of the validation part. */
export async function toCandidate(judged: JudgedAutoencoder, card: string): Promise<Candidate> {
  const { fitted, data, recipe, seed, errors } = judged
  const { train, validation, test } = data
  const { architecture, window, block, hidden, batch, learningRate, patience, quantile } = recipe
  const { bestEpoch, history } = fitted.training
  const ports = [fitted.width]
  return {
    manifest: {
      inputs: [{ name: 'input', type: 'float32', shape: [null, window, 4] }],
      outputs: [
        { name: 'output', type: 'float32', shape: [null, ...ports] },
        { name: 'scaled', type: 'float32', shape: [null, ...ports] },
      ],
      maxBatch: 256,
      labels: null,
      decode: { features: 'raw', scaler: 'graph' },
      answer: { threshold_seed: seedOf(errors.validation), quantile },
      golden: { file: 'golden', tolerance: 1e-3 },
      metrics: metricsOf(judged),
      origin: {
        rows: {
          ...{ train: train.length, validation: validation.length },
          ...{ test_normal: test.normal.length, test_anomalous: test.anomalous.length },
        },
        parameters: {
          ...{ architecture, window, block, batch, learning_rate: learningRate },
          ...(architecture === 'dense' && { hidden: [...hidden] }),
          ...{ patience, seed, best_epoch: bestEpoch, epochs: history.length },
        } satisfies { [key: string]: Json },
      },
    },
    files: {
      model: { name: 'model.onnx', content: fitted.model },
      golden: { name: 'golden.safetensors', content: await createGolden(judged) },
    },
    card,
  }
}

const SEEDS = 1000

/** Evenly spaced where there are more than the service weighs; rounded, so that a manifest can be read. */
function seedOf(errors: Float64Array): number[] {
  const sorted = errors.toSorted()
  const count = Math.min(SEEDS, sorted.length)
  return Array.from({ length: count }, (_, i) => {
    const place = count === 1 ? 0 : Math.round((i * (sorted.length - 1)) / (count - 1))
    return Number(sorted[place]!.toPrecision(6))
  })
}

async function createGolden({ fitted, data, recipe }: JudgedAutoencoder): Promise<Uint8Array> {
  const windows = data.validation.slice(0, 8).map(({ values }) => values)
  const tensors = await runModel(fitted.model, windows, recipe.window)
  return encodeSafetensors(tensors)
}
