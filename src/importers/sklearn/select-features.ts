// Feature selection: which columns a fitted selector keeps.
import { attribute, has, numberOf, refuse, vectorOf } from './attributes.ts'
import type { PythonObject } from './python-object.ts'
import { keepImportant } from './select-from-model.ts'

/** Ascending columns; null where the object is no selector. */
export function keptFeatures(object: PythonObject): readonly number[] | null {
  if (object.kind === 'SelectKBest') return keepBest(object)
  if (object.kind === 'VarianceThreshold') {
    const threshold = numberOf(object, 'threshold')
    return keptWhere(vectorOf(object, 'variances_'), (variance) => variance > threshold)
  }
  if (object.kind === 'SelectFromModel') return keepImportant(object)
  if (object.kind === 'SelectPercentile') return keepPercentile(object)
  return null
}

/** The k highest scores; of equal ones the later columns, as a stable sort's tail gives them. */
function keepBest(object: PythonObject): readonly number[] {
  const scores = cleanScores(object)
  if (attribute(object, 'k') === 'all') return Array.from(scores.keys())
  const k = numberOf(object, 'k')
  const order = Array.from(scores.keys()).sort((a, b) => scores[a]! - scores[b]! || a - b)
  return k === 0 ? [] : order.slice(-k).sort((a, b) => a - b)
}

function keepPercentile(object: PythonObject): readonly number[] {
  const percentile = numberOf(object, 'percentile')
  const scores = cleanScores(object)
  if (percentile === 100) return Array.from(scores.keys())
  const sorted = scores.slice().sort()
  const rank = ((100 - percentile) / 100) * (sorted.length - 1)
  const low = sorted[Math.floor(rank)]!
  const high = sorted[Math.ceil(rank)]!
  const threshold = low + (high - low) * (rank - Math.floor(rank))
  const ties = keptWhere(scores, (score) => score === threshold)
  const most = Math.floor((scores.length * percentile) / 100)
  const above = keptWhere(scores, (score) => score > threshold)
  return [...above, ...ties.slice(0, Math.max(0, most - above.length))].sort((a, b) => a - b)
}

function cleanScores(object: PythonObject): Float64Array {
  if (!has(object, 'scores_')) refuse(object, 'it was not fitted before it was saved')
  return vectorOf(object, 'scores_').map((score) =>
    Number.isNaN(score) ? -Number.MAX_VALUE : score,
  )
}

function keptWhere(values: Float64Array, test: (value: number) => boolean): readonly number[] {
  return Array.from(values.keys()).filter((at) => test(values[at]!))
}
