// Encoders of categories that are numbers, imputers, bins. Categories that are words need an input of texts and are refused.

import { NumpyArray } from '../../numpy/array.ts'
import {
  attribute,
  flagOf,
  listOf,
  numberOf,
  objectOf,
  refuse,
  textOf,
  toFloats,
  toList,
  vectorOf,
} from '../attributes.ts'
import type { PythonObject } from '../python-object.ts'
import { rowSum } from './class-scores.ts'
import { type Block, concatenate, type Flow, perFeature, pick, type Transformer } from './flow.ts'

/** Of each column, ascending. */
function categoriesOf(object: PythonObject, width: number): readonly Float64Array[] {
  const all = listOf(object, 'categories_').map((entry) => {
    if (!(entry instanceof NumpyArray)) return refuse(object, 'its categories_ are damaged')
    const { values } = entry
    if (ArrayBuffer.isView(values)) return toFloats(entry)
    const list = toList(entry)
    if (list?.every((item) => typeof item === 'number')) return Float64Array.from(list as number[])
    return refuse(object, 'its categories are words; encode them as numbers before the model')
  })
  if (all.length !== width)
    refuse(object, `it was fitted on ${all.length} columns, and gets ${width}`)
  if (flagOf(object, '_infrequent_enabled')) refuse(object, 'it puts rare categories together')
  return all
}

const oneHot: Transformer = (flow, input, object) => {
  const drop = attribute(object, '_drop_idx_after_grouping') ?? attribute(object, 'drop_idx_')
  const dropped =
    drop === null ? null : (toList(drop) ?? refuse(object, 'its drop_idx_ is damaged'))
  const blocks = categoriesOf(object, input.width).map((categories, column) => {
    const kept = categories.filter((_, at) => at !== (dropped?.[column] ?? -1))
    const value = pick(flow, input, [column], object).value
    const same = equals(flow, value, kept)
    return { value: flow.cast(same, 'float64'), width: kept.length }
  })
  return concatenate(
    flow,
    blocks.filter(({ width }) => width > 0),
  )
}

/** [N, 1] against each of several; a NaN is equal to a NaN. */
function equals(flow: Flow, value: string, categories: Float64Array): string {
  const same = flow.op('Equal', [value, flow.constant(categories, [1, categories.length])])
  if (!categories.includes(Number.NaN)) return same
  const missing = flow.constant(
    categories.map((one) => (Number.isNaN(one) ? 1 : 0)),
    [1, categories.length],
  )
  const both = flow.op('And', [flow.op('IsNaN', [value]), flow.cast(missing, 'bool')])
  return flow.op('Or', [same, both])
}

/** A category that was not known: what `unknown_value` says, NaN where it says nothing. */
const ordinal: Transformer = (flow, input, object) => {
  const unknown = attribute(object, 'unknown_value')
  const missing = attribute(object, 'encoded_missing_value')
  const blocks = categoriesOf(object, input.width).map((categories, column) => {
    const value = pick(flow, input, [column], object).value
    const hits = flow.cast(equals(flow, value, categories), 'float64')
    const places = Float64Array.from(categories, (_, at) => at)
    // A matrix of one column: the place of the one that is hit.
    const place = flow.op('MatMul', [hits, flow.constant(places, [places.length, 1])])
    const none = flow.op('Equal', [rowSum(flow, hits), flow.scalar(0)])
    const other = typeof unknown === 'number' ? unknown : Number.NaN
    let coded = flow.op('Where', [none, flow.scalar(other), place])
    if (categories.includes(Number.NaN)) {
      const code = typeof missing === 'number' ? missing : Number.NaN
      coded = flow.op('Where', [flow.op('IsNaN', [value]), flow.scalar(code), coded])
    }
    return { value: coded, width: 1 }
  })
  return concatenate(flow, blocks)
}

const imputer: Transformer = (flow, input, object) => {
  const statistics = vectorOf(object, 'statistics_')
  const missing = isMissing(flow, input.value, object)
  const fill = perFeature(flow, input, statistics, object)
  const filled = { ...input, value: flow.op('Where', [missing, fill, input.value]) }
  // A column of nothing but gaps has no statistic, and is left out.
  const kept = Array.from(statistics.keys()).filter((at) => !Number.isNaN(statistics[at]!))
  const dropsEmpty =
    attribute(object, 'strategy') !== 'constant' && !flagOf(object, 'keep_empty_features')
  const all = kept.length === input.width || !dropsEmpty
  const values = all ? filled : pick(flow, filled, kept, object)
  if (!flagOf(object, 'add_indicator')) return values
  const marks = indicate(flow, input, objectOf(object, 'indicator_'))
  return concatenate(flow, marks.width === 0 ? [values] : [values, marks])
}

function indicate(flow: Flow, input: Block, object: PythonObject): Block {
  const columns = Array.from(vectorOf(object, 'features_'))
  const missing = flow.cast(isMissing(flow, input.value, object), 'float64')
  if (columns.length === 0) return { value: missing, width: 0 }
  return pick(flow, { value: missing, width: input.width }, columns, object)
}

function isMissing(flow: Flow, value: string, object: PythonObject): string {
  const marker = attribute(object, 'missing_values')
  if (marker === null || Number.isNaN(marker)) return flow.op('IsNaN', [value])
  return flow.op('Equal', [value, flow.scalar(numberOf(object, 'missing_values'))])
}

/** Number of edges, of those between the first and the last, that a value reaches. */
const bins: Transformer = (flow, input, object) => {
  const edges = listOf(object, 'bin_edges_')
  if (edges.length !== input.width) refuse(object, `it was fitted on ${edges.length} columns`)
  const encode = textOf(object, 'encode')
  const blocks = edges.map((entry, column) => {
    if (!(entry instanceof NumpyArray)) return refuse(object, 'its bin_edges_ are damaged')
    const inner = toFloats(entry).slice(1, -1)
    const value = pick(flow, input, [column], object).value
    if (inner.length === 0) return { value: flow.op('Mul', [value, flow.scalar(0)]), width: 1 }
    const least = flow.constant(inner, [1, inner.length])
    const reached = flow.op('GreaterOrEqual', [value, least])
    const place = rowSum(flow, flow.cast(reached, 'float64'))
    if (encode === 'ordinal') return { value: place, width: 1 }
    const all = Float64Array.from({ length: inner.length + 1 }, (_, at) => at)
    return { value: flow.cast(equals(flow, place, all), 'float64'), width: all.length }
  })
  return concatenate(flow, blocks)
}

export const ENCODERS: Readonly<Record<string, Transformer>> = {
  OneHotEncoder: oneHot,
  OrdinalEncoder: ordinal,
  SimpleImputer: imputer,
  MissingIndicator: indicate,
  KBinsDiscretizer: bins,
}
