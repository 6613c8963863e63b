// Steps between a vectoriser and a linear classifier that only weigh or drop features: they fold into the classifier's
// weights, so that rows stay as sparse as the text is.
import { attribute, flagOf, refuse, vectorOf } from '../attributes.ts'
import type { PythonObject } from '../python-object.ts'
import { keptFeatures } from '../select-features.ts'

export interface SparseFeatures {
  /** Term → column of the classifier, or -1. */
  readonly columns: Int32Array
  /** Of each term. */
  readonly scale: Float64Array
}

export function allFeatures(terms: number, scale: Float64Array | null): SparseFeatures {
  return {
    columns: Int32Array.from({ length: terms }, (_, at) => at),
    scale: scale ?? new Float64Array(terms).fill(1),
  }
}

/** null where the step does more than weigh and drop. */
export function foldStep(features: SparseFeatures, step: PythonObject): SparseFeatures | null {
  const kept = keptFeatures(step)
  if (kept !== null) return keep(features, kept, step)
  const factors = factorsOf(step)
  if (factors === null) return null
  const scale = features.scale.map((value, term) => {
    const column = features.columns[term]!
    return column < 0 ? value : value * (factors[column] ?? Number.NaN)
  })
  if (scale.some(Number.isNaN)) refuse(step, 'it was fitted on other features')
  return { ...features, scale }
}

function keep(
  { columns, scale }: SparseFeatures,
  kept: readonly number[],
  step: PythonObject,
): SparseFeatures {
  const width = columns.reduce((most, column) => Math.max(most, column), -1)
  if (kept.some((column) => column > width)) refuse(step, 'it was fitted on other features')
  const moved = new Map(kept.map((column, at) => [column, at]))
  return { columns: columns.map((column) => moved.get(column) ?? -1), scale }
}

/** Scalers that keep zeros zero. */
function factorsOf(step: PythonObject): Float64Array | null {
  if (step.kind === 'MaxAbsScaler') {
    return vectorOf(step, 'scale_').map((value) => 1 / value)
  }
  const centred = step.kind === 'StandardScaler' ? flagOf(step, 'with_mean', true) : true
  if (centred || attribute(step, 'scale_') === null) return null
  return vectorOf(step, 'scale_').map((value) => 1 / value)
}
