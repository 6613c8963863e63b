// What the converter of a layer is given, and the small things that all of them do with it.

import { DugaError } from '../../errors.ts'
import type { AttributeValue } from '../../onnx/attribute.ts'
import type { GraphBuilder } from '../../onnx/graph.ts'
import { longs, type Tensor } from '../../tensor/tensor.ts'
import { type Config, isObject, type LayerConfig } from './model-config.ts'
import { inKerasOrder, type Value } from './value.ts'
import type { LayerWeights } from './weights.ts'

/** A normalisation that the layer before it takes into its weights: y · scale + shift, a channel each. */
export interface Norm {
  readonly scale: Float64Array
  readonly shift: Float64Array
}

export interface LayerCall {
  readonly graph: GraphBuilder
  readonly layer: LayerConfig
  /** The values of the first argument: one, or those of a list. */
  readonly inputs: readonly Value[]
  /** All arguments, with values in the place of references. */
  readonly args: readonly unknown[]
  readonly kwargs: Readonly<Record<string, unknown>>
  readonly weights: LayerWeights
  /** Only for layers that {@link FOLDING_KINDS} names. */
  readonly norm: Norm | null
  readonly settings: ConvertSettings
  /** A constant of the layer, made once however often the layer is called. */
  constant(name: string, make: () => Tensor): string
  /** Calls a layer inside of this one. `key` tells it from the others inside. */
  inner(key: string, layer: LayerConfig, weights: LayerWeights, inputs: readonly Value[]): Value[]
}

export interface ConvertSettings {
  /** 2 or 3: some defaults differ. */
  readonly kerasMajor: number
  readonly custom: Readonly<Record<string, string>>
  readonly notices: Set<string>
}

export type Emit = (call: LayerCall) => Value | readonly Value[]

/** @returns DugaError model.unsupported-layer */
export function unsupported({ name, kind }: LayerConfig, reason: string): DugaError {
  return new DugaError('model.unsupported-layer', { layer: name, kind, reason })
}

export function onlyInput({ inputs, layer }: LayerCall): Value {
  if (inputs.length === 1) return inputs[0]!
  throw unsupported(layer, `it takes one input, and is given ${inputs.length}`)
}

/** A value of the same shape, type and order as another. */
export function like(value: Value, name: string): Value {
  return { ...value, name }
}

/** A value in Keras' order. */
export function plain(value: Value, name: string, shape: Value['shape']): Value {
  return { ...value, name, shape, channelsFirst: false, mask: null }
}

export function plainInput(call: LayerCall): Value {
  return inKerasOrder(call.graph, onlyInput(call))
}

export const float32 = (dims: readonly number[], data: Iterable<number>): Tensor => ({
  type: 'float32',
  dims,
  data: Float32Array.from(data),
})

export function scalar(graph: GraphBuilder, value: number): string {
  return graph.initializer('number', float32([], [value]))
}

export function integers(graph: GraphBuilder, values: readonly number[]): string {
  return graph.initializer('numbers', longs(values))
}

/** Adds a node whose result is like its first input. */
export function unary(
  graph: GraphBuilder,
  op: string,
  value: Value,
  attributes: Readonly<Record<string, AttributeValue>> = {},
): Value {
  return like(value, graph.node(op, [value.name], attributes))
}

/** @throws DugaError model.unsupported-layer where it is no number */
export function numberOf(layer: LayerConfig, key: string, otherwise?: number): number {
  const value = layer.config[key] ?? otherwise
  if (typeof value === 'number' && Number.isFinite(value)) return value
  throw unsupported(layer, `its "${key}" is ${describe(value)}, not a number`)
}

/** A positive whole number that a graph can be built from. */
export function countOf(layer: LayerConfig, key: string, otherwise?: number): number {
  const value = numberOf(layer, key, otherwise)
  if (Number.isInteger(value) && value >= 1 && value <= 2 ** 31) return value
  throw unsupported(layer, `its "${key}" is ${value}`)
}

/** Whole numbers, one a spatial dimension; a single number stands for all. */
export function countsOf(
  layer: LayerConfig,
  key: string,
  length: number,
  otherwise = 1,
): readonly number[] {
  const value = layer.config[key] ?? otherwise
  const list = Array.isArray(value) ? value : new Array(length).fill(value)
  const good = (item: unknown): boolean =>
    Number.isInteger(item) && Number(item) >= 0 && Number(item) <= 2 ** 31
  if (list.length === length && list.every(good)) return list as readonly number[]
  throw unsupported(layer, `its "${key}" is ${describe(value)}`)
}

export function textOf(layer: LayerConfig, key: string, otherwise: string): string {
  const value = layer.config[key] ?? otherwise
  if (typeof value === 'string') return value
  throw unsupported(layer, `its "${key}" is ${describe(value)}`)
}

/** @throws DugaError where `data_format` is neither */
export function isChannelsFirst(layer: LayerConfig): boolean {
  const format = textOf(layer, 'data_format', 'channels_last')
  if (format === 'channels_first' || format === 'channels_last') return format === 'channels_first'
  throw unsupported(layer, `its "data_format" is ${describe(format)}`)
}

export function describe(value: unknown): string {
  return (JSON.stringify(value) ?? 'missing').slice(0, 80)
}

/** The size of an axis that has to be known. */
export function fixed(layer: LayerConfig, size: number | null | undefined, what: string): number {
  if (typeof size === 'number' && size > 0) return size
  throw unsupported(layer, `${what} is not fixed`)
}

export function hasFlag(config: Config, key: string, otherwise: boolean): boolean {
  const value = config[key]
  return typeof value === 'boolean' ? value : otherwise
}

/** A weight as float32: integers and doubles come from converted or older files. */
export function asFloat32({ data }: Tensor): Float32Array {
  return data instanceof Float32Array ? data : Float32Array.from(data, Number)
}

export function isValue(value: unknown): value is Value {
  return isObject(value) && typeof value.name === 'string' && 'channelsFirst' in value
}

/** All values in an argument, which may be nested lists or objects of them. */
export function valuesOf(argument: unknown): readonly Value[] {
  if (isValue(argument)) return [argument]
  if (Array.isArray(argument)) return argument.flatMap(valuesOf)
  return isObject(argument) ? Object.values(argument).flatMap(valuesOf) : []
}
