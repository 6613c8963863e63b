// Tensors as the JSON form of the Open Inference Protocol v2 (KServe) writes them.

import { DugaError } from '../errors.ts'
import type { TensorSpec } from '../manifest.ts'
import type { Tensor, TensorArray, TensorType } from '../tensor/tensor.ts'

export interface InferTensor {
  readonly name: string
  readonly shape: readonly number[]
  readonly datatype: string
  readonly data: readonly unknown[]
}

type ArrayOf = new (length: number) => TensorArray

const TYPES: Readonly<Record<TensorType, { datatype: string; array: ArrayOf }>> = {
  float32: { datatype: 'FP32', array: Float32Array },
  float64: { datatype: 'FP64', array: Float64Array },
  int64: { datatype: 'INT64', array: BigInt64Array },
  int32: { datatype: 'INT32', array: Int32Array },
  int16: { datatype: 'INT16', array: Int16Array },
  int8: { datatype: 'INT8', array: Int8Array },
  uint8: { datatype: 'UINT8', array: Uint8Array },
  uint16: { datatype: 'UINT16', array: Uint16Array },
  uint32: { datatype: 'UINT32', array: Uint32Array },
  bool: { datatype: 'BOOL', array: Uint8Array },
}

const MAX_ELEMENTS = 16 * 1024 * 1024

/** A tensor of a model's metadata; free dimensions are −1. */
export function toMetadata(spec: TensorSpec): { name: string; datatype: string; shape: number[] } {
  return {
    name: spec.name,
    datatype: TYPES[spec.type].datatype,
    shape: spec.shape.map((dimension, axis) => (axis === 0 ? -1 : (dimension ?? -1))),
  }
}

/**
 * Reads one input of an infer request; data may be flat or nested.
 * @throws DugaError input.invalid naming the tensor and what is wrong with it
 */
export function toTensor(input: InferTensor, spec: TensorSpec): Tensor {
  const wrong = (reason: string): DugaError =>
    new DugaError('input.invalid', { reason: `input "${input.name}" ${reason}` })
  const { datatype, array } = TYPES[spec.type]
  if (input.datatype !== datatype) throw wrong(`must have datatype ${datatype}`)
  const { shape } = input
  const fits =
    shape.length === spec.shape.length &&
    shape.every(
      (size, axis) => axis === 0 || spec.shape[axis] === null || spec.shape[axis] === size,
    )
  if (!fits || !shape.every((size) => Number.isSafeInteger(size) && size > 0)) {
    throw wrong(`must have shape [${toMetadata(spec).shape.join(', ')}]`)
  }
  const count = shape.reduce((product, size) => product * size, 1)
  if (count > MAX_ELEMENTS) throw wrong(`has more than ${MAX_ELEMENTS} elements`)
  const data = new array(count)
  const written = fill(data, 0, input.data, spec.type, shape.length)
  if (written !== count) throw wrong(`has ${written} elements where its shape says ${count}`)
  return { type: spec.type, dims: [...shape], data }
}

/** Writes one output of an infer answer. */
export function fromTensor(name: string, tensor: Tensor): InferTensor {
  const data = Array.from(tensor.data as ArrayLike<number | bigint>, (value) =>
    tensor.type === 'bool' ? value !== 0 : typeof value === 'bigint' ? Number(value) : value,
  )
  return { name, datatype: TYPES[tensor.type].datatype, shape: [...tensor.dims], data }
}

/** @returns the next free index, or −1 past the end of `into` */
function fill(
  into: TensorArray,
  start: number,
  values: readonly unknown[],
  type: TensorType,
  depth: number,
): number {
  let at = start
  for (const value of values) {
    if (Array.isArray(value)) {
      if (depth <= 1) throw new DugaError('input.invalid', { reason: 'data is nested too deeply' })
      at = fill(into, at, value, type, depth - 1)
      continue
    }
    if (at < into.length) into[at] = toElement(value, type)
    at++
  }
  return at
}

function toElement(value: unknown, type: TensorType): never {
  const bad = (): DugaError =>
    new DugaError('input.invalid', { reason: `${JSON.stringify(value)} is not a ${type}` })
  if (type === 'bool') {
    if (typeof value !== 'boolean') throw bad()
    return Number(value) as never
  }
  if (typeof value !== 'number' || !Number.isFinite(value)) throw bad()
  if (type === 'int64') {
    if (!Number.isSafeInteger(value)) throw bad()
    return BigInt(value) as never
  }
  if (type.startsWith('float')) return value as never
  const bits = Number(type.replace(/\D/g, ''))
  const [low, high] = type.startsWith('u')
    ? [0, 2 ** bits - 1]
    : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1]
  if (!Number.isInteger(value) || value < low || value > high) throw bad()
  return value as never
}
