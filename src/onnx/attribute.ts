// Attributes of ONNX nodes: JavaScript values → AttributeProto, and typed reads of the ones a file
// holds.
import type { Tensor } from '../tensor/tensor.ts'
import { ATTRIBUTE_TYPE, type AttributeProto, type GraphProto, type NodeProto } from './proto.ts'
import { toTensorProto } from './tensor-proto.ts'

/** Whole numbers are ints; a float is wrapped by {@link float}, since ONNX tells `1` from `1.0`. */
export type AttributeValue =
  | number
  | string
  | readonly number[]
  | readonly string[]
  | { readonly float: number }
  | { readonly floats: readonly number[] }
  | { readonly tensor: Tensor }
  | { readonly graph: GraphProto }

export type Attributes = Readonly<Record<string, AttributeValue>>

export const float = (value: number): AttributeValue => ({ float: value })

export const floats = (values: readonly number[]): AttributeValue => ({ floats: values })

/** A node's attribute by name. */
export function attributeOf(node: NodeProto, name: string): AttributeProto | undefined {
  return node.attribute.find((attribute) => attribute.name === name)
}

/** An int attribute, or its default where the node does not set it. */
export function intOf(node: NodeProto, name: string, otherwise: number): number {
  const value = attributeOf(node, name)?.i
  return value === undefined ? otherwise : Number(value)
}

/** An ints attribute, or its default where the node does not set it. */
export function intsOf(node: NodeProto, name: string, otherwise: readonly number[]): number[] {
  const attribute = attributeOf(node, name)
  return attribute === undefined ? [...otherwise] : attribute.ints.map(Number)
}

/** A float attribute, or its default where the node does not set it. */
export function floatOf(node: NodeProto, name: string, otherwise: number): number {
  return attributeOf(node, name)?.f ?? otherwise
}

/** A string attribute, or its default where the node does not set it. */
export function stringOf(node: NodeProto, name: string, otherwise: string): string {
  const value = attributeOf(node, name)?.s
  return value === undefined ? otherwise : new TextDecoder().decode(value)
}

/** @throws TypeError when a plain number is not whole. */
export function createAttribute(name: string, value: AttributeValue): AttributeProto {
  const empty = { name, floats: [], ints: [], strings: [], tensors: [], graphs: [] }
  if (typeof value === 'number')
    return { ...empty, i: toInt(name, value), type: ATTRIBUTE_TYPE.int }
  if (typeof value === 'string') {
    return { ...empty, s: toUtf8(value), type: ATTRIBUTE_TYPE.string }
  }
  if (isStrings(value)) {
    return { ...empty, strings: value.map(toUtf8), type: ATTRIBUTE_TYPE.strings }
  }
  if (isNumbers(value)) {
    return { ...empty, ints: value.map((item) => toInt(name, item)), type: ATTRIBUTE_TYPE.ints }
  }
  if ('float' in value) return { ...empty, f: value.float, type: ATTRIBUTE_TYPE.float }
  if ('floats' in value) {
    return { ...empty, floats: [...value.floats], type: ATTRIBUTE_TYPE.floats }
  }
  if ('tensor' in value) {
    return { ...empty, t: toTensorProto('', value.tensor), type: ATTRIBUTE_TYPE.tensor }
  }
  return { ...empty, g: value.graph, type: ATTRIBUTE_TYPE.graph }
}

const isStrings = (value: object): value is readonly string[] =>
  Array.isArray(value) && typeof value[0] === 'string'

const isNumbers = (value: object): value is readonly number[] => Array.isArray(value)

const toUtf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

function toInt(name: string, value: number): bigint {
  if (!Number.isSafeInteger(value)) {
    throw new TypeError(`Attribute ${name} is ${value}: wrap floats in float() or floats().`)
  }
  return BigInt(value)
}
