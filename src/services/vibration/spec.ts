// What a vibration model's manifest says, read once and checked: features, scaler, output, seed of the threshold.

import type { Json } from '../../json.ts'
import type { Manifest } from '../../manifest.ts'
import { init, type ThresholdState } from '../../tensor/dynamic-threshold.ts'
import { WINDOW_POINTS } from './input.ts'

/** `statistics24`: [1, 24, 1], the statistics of the window. `raw`: [1, 24, 4], the points as x, y, z, acceleration. */
export type FeatureKind = 'statistics24' | 'raw'

/** scaled = (value − offset) ÷ divisor, feature by feature. */
export interface Scaler {
  readonly offset: Float64Array
  readonly divisor: Float64Array
}

export interface VibrationSpec {
  readonly features: FeatureKind
  readonly inputName: string
  readonly dims: readonly number[]
  readonly outputName: string
  /** null: the features go in as they are. */
  readonly scaler: Scaler | null
  /** The scaler is in the graph, which then puts out what it compares with as `scaled`. */
  readonly scalerInGraph: boolean
  /** Of a device that was not seen yet: seeded from the training errors, where the model came with any. */
  readonly initial: ThresholdState
  readonly quantile: number
  readonly driftAfter: number
}

const SCALED_OUTPUT = 'scaled'
/** What a manifest says of it. */
type Described = Pick<Manifest, 'decode' | 'answer' | 'inputs' | 'outputs'>

const specs = new WeakMap<Described, VibrationSpec>()

/**
 * Reads `decode` (`features`, `scaler`) and `answer` (`threshold_seed`, `quantile`, `drift_after`) of a manifest.
 * A scaler is `{"mean":[…],"scale":[…]}` (StandardScaler, RobustScaler with its centre), `{"min":[…],"range":[…]}`
 * (MinMaxScaler), `"graph"` or null; its arrays have one number a feature (raw: one a channel, or one a value).
 * @throws TypeError where the manifest does not fit together
 */
export function toVibrationSpec(manifest: Described): VibrationSpec {
  const known = specs.get(manifest)
  if (known !== undefined) return known
  const spec = readSpec(manifest)
  specs.set(manifest, spec)
  return spec
}

function readSpec(manifest: Described): VibrationSpec {
  const { decode, answer } = manifest
  const features = decode.features ?? 'statistics24'
  if (features !== 'statistics24' && features !== 'raw') {
    throw new TypeError('decode.features must be "statistics24" or "raw".')
  }
  const scalerInGraph = decode.scaler === 'graph'
  const output = manifest.outputs.find(({ name }) => name !== SCALED_OUTPUT)
  const input = manifest.inputs[0]
  if (input === undefined || output === undefined) throw new TypeError('No input or no output.')
  if (scalerInGraph && !manifest.outputs.some(({ name }) => name === SCALED_OUTPUT)) {
    throw new TypeError(`A graph with its scaler inside must put out "${SCALED_OUTPUT}".`)
  }
  const dims = features === 'raw' ? [1, WINDOW_POINTS, 4] : [1, 24, 1]
  return {
    features,
    inputName: input.name,
    // A scikit-learn or flat Keras network takes [1, 24] where the usual one takes [1, 24, 1].
    dims: input.shape.length === 2 ? [1, features === 'raw' ? WINDOW_POINTS * 4 : 24] : dims,
    outputName: output.name,
    scaler: scalerInGraph ? null : toScaler(decode.scaler ?? null, features),
    scalerInGraph,
    initial: init(toSeed(answer.threshold_seed)),
    quantile: toNumber(answer.quantile, 0.99, 'answer.quantile', 0.5, 0.9999),
    driftAfter: toNumber(answer.drift_after, 500, 'answer.drift_after', 0, 5000),
  }
}

function toScaler(scaler: Json, features: FeatureKind): Scaler | null {
  if (scaler === null) return null
  const object = scaler as { readonly [key: string]: Json }
  const offset = toNumbers(object.mean ?? object.min, features)
  const divisor = toNumbers(object.scale ?? object.range, features)
  if (divisor.includes(0)) throw new TypeError('decode.scaler divides by zero.')
  return { offset, divisor }
}

function toNumbers(value: Json | undefined, features: FeatureKind): Float64Array {
  const values = Array.isArray(value) ? (value as readonly Json[]) : []
  if (!values.every((item) => typeof item === 'number' && Number.isFinite(item))) {
    throw new TypeError('decode.scaler must hold finite numbers.')
  }
  const numbers = values as readonly number[]
  if (features === 'statistics24' && numbers.length === 24) return Float64Array.from(numbers)
  const width = WINDOW_POINTS * 4
  if (features === 'raw' && (numbers.length === 4 || numbers.length === width)) {
    return Float64Array.from({ length: width }, (_, i) => numbers[i % numbers.length]!)
  }
  const wanted = features === 'raw' ? 4 : 24
  throw new TypeError(
    `decode.scaler must hold mean and scale, or min and range, of ${wanted} features, not of ${numbers.length}.`,
  )
}

function toSeed(value: Json | undefined): readonly number[] {
  if (value === undefined || value === null) return []
  const good = (item: Json): boolean =>
    typeof item === 'number' && item >= 0 && Number.isFinite(item)
  if (Array.isArray(value) && value.every(good)) return value as readonly number[]
  throw new TypeError('answer.threshold_seed must be a list of errors, each 0 or more.')
}

function toNumber(
  value: Json | undefined,
  otherwise: number,
  name: string,
  min: number,
  max: number,
): number {
  if (value === undefined || value === null) return otherwise
  if (typeof value === 'number' && value >= min && value <= max) return value
  throw new TypeError(`${name} must be a number from ${min} to ${max}.`)
}
