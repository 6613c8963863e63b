// How many features a model was fitted on: what it says itself, or what one of its parts says.
import { attribute, refuse, toList } from '../attributes.ts'
import { PythonObject } from '../python-object.ts'

const MOST_FEATURES = 1_000_000
/** Parts that are asked before it is given up. */
const MOST_PARTS = 1000

/** @throws DugaError model.unsupported-layer where nothing says so */
export function featuresOf(object: PythonObject): number {
  const waiting: unknown[] = [object]
  for (let asked = 0; asked < MOST_PARTS && waiting.length > 0; asked += 1) {
    const part = waiting.shift()
    if (Array.isArray(part)) waiting.push(...part.slice(0, MOST_PARTS))
    if (!(part instanceof PythonObject)) continue
    const width = widthOf(part)
    if (width > MOST_FEATURES) refuse(object, `it takes ${width} features`)
    if (width > 0) return width
    for (const name of [
      ...['transformer_list', 'estimators_', 'steps', 'best_estimator_', 'estimator_'],
      ...['regressor_', 'estimator'],
    ]) {
      waiting.push(attribute(part, name))
    }
  }
  return refuse(object, 'it does not say how many features it was fitted on')
}

/** 0 where it does not say. */
function widthOf(object: PythonObject): number {
  const stated = attribute(object, 'n_features_in_')
  if (typeof stated === 'number' && Number.isInteger(stated) && stated > 0) return stated
  // One entry a feature; older versions of some say no more.
  for (const name of ['categories_', 'statistics_', 'scale_', 'bin_edges_']) {
    const entries = toList(attribute(object, name))
    if (entries !== null && entries.length > 0) return entries.length
  }
  return 0
}
