// The raw bytes of an HDF5 dataset → a tensor. Big-endian numbers are turned round, halves widened.
import type { Tensor } from '../../tensor/tensor.ts'

/** As libhdf5 describes a datatype; classes are those of H5T_class_t. */
export interface Hdf5Type {
  readonly type: number
  readonly size: number
  readonly signed: boolean
  readonly littleEndian: boolean
  readonly shape: readonly number[] | null
}

const INTEGER = 0
const FLOAT = 1
const OPAQUE = 5
const ENUM = 8

/** How many elements; 1 for a scalar, 0 for a null dataspace. */
export function elementsOf(shape: readonly number[] | null): number {
  return shape === null ? 0 : shape.reduce((all, dim) => all * dim, 1)
}

/**
 * @param raw the whole of its buffer, which the tensor takes over
 * @returns null for a datatype that no tensor has
 */
export function toTensorData(described: Hdf5Type, raw: Uint8Array): Tensor | null {
  const { type, size, signed, littleEndian } = described
  const dims = described.shape ?? [0]
  if (!littleEndian) swapBytes(raw, size)
  const buffer = raw.buffer as ArrayBuffer
  if (type === FLOAT && size === 4) return { type: 'float32', dims, data: new Float32Array(buffer) }
  if (type === FLOAT && size === 8) return { type: 'float64', dims, data: new Float64Array(buffer) }
  if (type === FLOAT && size === 2) return { type: 'float32', dims, data: widenHalf(buffer) }
  // Keras stores bfloat16 as two bytes of no type.
  if (type === OPAQUE && size === 2) return { type: 'float32', dims, data: widenBrain(buffer) }
  if (type === ENUM && size === 1) return { type: 'bool', dims, data: new Uint8Array(buffer) }
  if (type !== INTEGER) return null
  if (size === 8) return { type: 'int64', dims, data: new BigInt64Array(buffer) }
  if (size === 4 && signed) return { type: 'int32', dims, data: new Int32Array(buffer) }
  if (size === 4) return { type: 'uint32', dims, data: new Uint32Array(buffer) }
  if (size === 2 && signed) return { type: 'int16', dims, data: new Int16Array(buffer) }
  if (size === 2) return { type: 'uint16', dims, data: new Uint16Array(buffer) }
  if (signed) return { type: 'int8', dims, data: new Int8Array(buffer) }
  return { type: 'uint8', dims, data: new Uint8Array(buffer) }
}

function swapBytes(raw: Uint8Array, size: number): void {
  for (let at = 0; at + size <= raw.length; at += size) raw.subarray(at, at + size).reverse()
}

function widenHalf(buffer: ArrayBuffer): Float32Array {
  return Float32Array.from(new Float16Array(buffer))
}

function widenBrain(buffer: ArrayBuffer): Float32Array {
  const bits = new Uint16Array(buffer)
  const widened = new Uint32Array(bits.length)
  for (let i = 0; i < bits.length; i++) widened[i] = bits[i]! << 16
  return new Float32Array(widened.buffer)
}
