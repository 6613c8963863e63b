// Pipelines, unions and column transformers: steps one after the other, or side by side.

import { NumpyArray } from '../../numpy/array.ts'
import { attribute, refuse, toList } from '../attributes.ts'
import { PythonObject } from '../python-object.ts'
import { isPassthrough, namedSteps, stepsOf } from '../steps.ts'
import { type Block, concatenate, type Flow, pick, type Transformer } from './flow.ts'

const pipeline: Transformer = (flow, input, object) =>
  stepsOf(object).reduce((block, step) => flow.transform(block, step.object), input)

const union: Transformer = (flow, input, object) => {
  const weights = attribute(object, 'transformer_weights')
  const blocks = namedSteps(object, 'transformer_list').map(({ name, object: step }) =>
    weigh(flow, flow.transform(input, step), weights, name),
  )
  if (blocks.length === 0) refuse(object, 'it has no parts')
  return concatenate(flow, blocks)
}

const columns: Transformer = (flow, input, object) => {
  const weights = attribute(object, 'transformer_weights')
  const blocks: Block[] = []
  for (const entry of toList(attribute(object, 'transformers_')) ?? []) {
    const [name, step, asked] = Array.isArray(entry) ? entry : []
    if (step === 'drop') continue
    const chosen = columnsOf(object, asked, input.width)
    if (chosen.length === 0) continue
    const taken = pick(flow, input, chosen, object)
    if (isPassthrough(step)) {
      blocks.push(weigh(flow, taken, weights, name))
      continue
    }
    if (!(step instanceof PythonObject)) refuse(object, 'its transformers_ are damaged')
    blocks.push(weigh(flow, flow.transform(taken, step), weights, name))
  }
  if (blocks.length === 0) refuse(object, 'it keeps no column')
  return concatenate(flow, blocks)
}

/** Places, names, a mask, or a slice of either. */
function columnsOf(object: PythonObject, asked: unknown, width: number): readonly number[] {
  if (asked instanceof PythonObject && asked.kind === '_RemainderColsList') {
    return columnsOf(object, attribute(asked, 'data'), width)
  }
  if (asked instanceof PythonObject && asked.kind === 'slice') {
    return sliceOf(object, asked.args, width)
  }
  const items = typeof asked === 'number' || typeof asked === 'string' ? [asked] : toList(asked)
  if (items === null) return refuse(object, 'it chooses columns by code of its own')
  const mask = asked instanceof NumpyArray && asked.dtype.kind === 'b'
  if (mask || (items.length > 0 && items.every((item) => typeof item === 'boolean'))) {
    return Array.from(items.keys()).filter((at) => Number(items[at]) === 1)
  }
  return items.map((item) => placeOf(object, item, width))
}

function placeOf(object: PythonObject, item: unknown, width: number): number {
  if (typeof item === 'string') {
    const names = toList(
      attribute(object, 'feature_names_in_') ?? attribute(object, '_feature_names_in'),
    )
    const at = names?.indexOf(item) ?? -1
    return at >= 0 ? at : refuse(object, `it takes a column "${item}" that is not known`)
  }
  if (typeof item !== 'number') return refuse(object, 'it takes a column that is no number')
  return item < 0 ? item + width : item
}

function sliceOf(object: PythonObject, args: readonly unknown[], width: number): number[] {
  const [start = null, stop = null, step = null] = args
  if ((step ?? 1) !== 1) return refuse(object, 'it takes columns in steps')
  const named = typeof stop === 'string' ? 1 : 0
  const from = start === null ? 0 : placeOf(object, start, width)
  const to = stop === null ? width : Math.min(width, placeOf(object, stop, width) + named)
  return Array.from({ length: Math.max(0, to - from) }, (_, at) => from + at)
}

function weigh(flow: Flow, block: Block, weights: unknown, name: unknown): Block {
  const weight = weights instanceof Map ? weights.get(name) : undefined
  if (typeof weight !== 'number') return block
  return { ...block, value: flow.op('Mul', [block.value, flow.scalar(weight)]) }
}

export const COMPOSED: Readonly<Record<string, Transformer>> = {
  Pipeline: pipeline,
  FeatureUnion: union,
  ColumnTransformer: columns,
  FunctionTransformer: (_, input, object) =>
    isPassthrough(object) ? input : refuse(object, 'its function is code of its own'),
}
