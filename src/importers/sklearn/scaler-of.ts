// A scaler that is alone, as numbers: services that scale before their graph take it over.
import type { Json } from '../../json.ts'
import { attribute, flagOf, vectorOf } from './attributes.ts'
import type { PythonObject } from './python-object.ts'
import type { Step } from './steps.ts'

/**
 * scaled = (value - mean) ÷ scale, or (value - min) ÷ range: `{ scaler: … }` of a manifest's decode. Empty where the steps are
 * anything but one scaler without clipping.
 */
export function scalerOf(steps: readonly Step[]): { readonly [key: string]: Json } {
  const [step, ...others] = steps
  if (step === undefined || others.length > 0) return {}
  const scaler = numbersOf(step.object)
  return scaler === null ? {} : { scaler }
}

function numbersOf(object: PythonObject): Json | null {
  if (object.kind === 'StandardScaler') return centred(object, ['with_mean', 'mean_'], 'with_std')
  if (object.kind === 'RobustScaler') {
    return centred(object, ['with_centering', 'center_'], 'with_scaling')
  }
  if (object.kind === 'MaxAbsScaler') {
    const scale = vectorOf(object, 'scale_')
    return { mean: Array.from(scale, () => 0), scale: Array.from(scale) }
  }
  if (object.kind !== 'MinMaxScaler' || flagOf(object, 'clip')) return null
  // scikit-learn keeps x · scale + min.
  const scale = vectorOf(object, 'scale_')
  const least = vectorOf(object, 'min_')
  return {
    min: Array.from(scale, (factor, at) => -least[at]! / factor),
    range: Array.from(scale, (factor) => 1 / factor),
  }
}

function centred(
  object: PythonObject,
  [centres, mean]: readonly [string, string],
  scales: string,
): Json | null {
  const moved = flagOf(object, centres, true) ? vectorOf(object, mean) : null
  const divided = flagOf(object, scales, true) ? vectorOf(object, 'scale_') : null
  const width = (moved ?? divided)?.length ?? 0
  if (width === 0 || attribute(object, 'n_features_in_') === 0) return null
  return {
    mean: Array.from({ length: width }, (_, at) => moved?.[at] ?? 0),
    scale: Array.from({ length: width }, (_, at) => divided?.[at] ?? 1),
  }
}
