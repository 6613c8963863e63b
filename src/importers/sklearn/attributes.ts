// Typed reads of what a file says of an object. A missing or odd attribute is an error that names class and attribute.
import { DugaError } from '../../errors.ts'
import type { TensorArray } from '../../tensor/tensor.ts'
import { type ArrayValues, type Columns, NumpyArray } from '../numpy/array.ts'
import { GlobalReference, type PickleValue } from '../pickle/machine.ts'
import { PythonObject } from './python-object.ts'

export interface Matrix {
  readonly rows: number
  readonly columns: number
  /** Row-major. */
  readonly data: Float64Array
}

/** @throws DugaError model.unsupported-layer, which says why this object cannot be converted */
export function refuse(object: PythonObject, reason: string): never {
  throw new DugaError('model.unsupported-layer', { layer: object.kind, kind: object.kind, reason })
}

/** null for None and for what is not there. */
export function attribute(object: PythonObject, name: string): PickleValue {
  return object.attributes.get(name) ?? null
}

export function has(object: PythonObject, name: string): boolean {
  return attribute(object, name) !== null
}

export function objectOf(object: PythonObject, name: string): PythonObject {
  const value = attribute(object, name)
  return value instanceof PythonObject ? value : odd(object, name)
}

export function textOf(object: PythonObject, name: string): string {
  const value = attribute(object, name)
  return typeof value === 'string' ? value : odd(object, name)
}

export function numberOf(object: PythonObject, name: string): number {
  const value = attribute(object, name)
  if (value instanceof NumpyArray && countValues(value.values) === 1) return toFloats(value)[0]!
  return typeof value === 'number' ? value : odd(object, name)
}

/** Absent is `otherwise`: older versions lack some. */
export function flagOf(object: PythonObject, name: string, otherwise = false): boolean {
  const value = attribute(object, name)
  if (typeof value === 'boolean') return value
  if (value === 0 || value === 1) return value === 1
  return value === null ? otherwise : odd(object, name)
}

/** A list, a tuple or an array of objects. */
export function listOf(object: PythonObject, name: string): readonly PickleValue[] {
  const value = toList(attribute(object, name))
  return value ?? odd(object, name)
}

export function toList(value: PickleValue): readonly PickleValue[] | null {
  if (Array.isArray(value)) return value
  if (value instanceof NumpyArray && Array.isArray(value.values)) return value.values
  if (value instanceof NumpyArray && ArrayBuffer.isView(value.values)) {
    return Array.from(toFloats(value))
  }
  return null
}

export function objectsOf(object: PythonObject, name: string): readonly PythonObject[] {
  const items = listOf(object, name)
  return items.every((item) => item instanceof PythonObject) ? items : odd(object, name)
}

/** All numbers of an array, in row-major order; a list of numbers is one too. */
export function vectorOf(object: PythonObject, name: string): Float64Array {
  const value = attribute(object, name)
  if (value instanceof NumpyArray && ArrayBuffer.isView(value.values)) return toFloats(value)
  if (typeof value === 'number') return Float64Array.of(value)
  const list = toList(value) as readonly number[] | null
  if (list?.every((item) => typeof item === 'number')) return Float64Array.from(list)
  return odd(object, name)
}

/** An array of one dimension is one row. Sparse matrices are made dense. */
export function matrixOf(object: PythonObject, name: string): Matrix {
  const value = attribute(object, name)
  if (value instanceof PythonObject) return toDense(value) ?? odd(object, name)
  if (!(value instanceof NumpyArray) || !ArrayBuffer.isView(value.values)) return odd(object, name)
  if (value.shape.length > 2) return odd(object, name)
  const [rows, columns] =
    value.shape.length === 2 ? (value.shape as [number, number]) : [1, countValues(value.values)]
  return { rows, columns, data: toFloats(value) }
}

export function arrayOf(object: PythonObject, name: string): NumpyArray {
  const value = attribute(object, name)
  return value instanceof NumpyArray ? value : odd(object, name)
}

/** Columns of an array of records. */
export function recordsOf(object: PythonObject, name: string): Columns {
  const value = attribute(object, name)
  if (value instanceof NumpyArray && value.values instanceof Map) return value.values as Columns
  return odd(object, name)
}

/** Name of a function or class that an attribute holds; null for anything else. */
export function referenceOf(object: PythonObject, name: string): string | null {
  const value = attribute(object, name)
  return value instanceof GlobalReference ? value.name : null
}

export function toFloats({ values }: NumpyArray): Float64Array {
  if (values instanceof Float64Array) return values
  if (!ArrayBuffer.isView(values)) return new Float64Array(0)
  const floats = new Float64Array((values as TensorArray).length)
  for (let at = 0; at < floats.length; at += 1) floats[at] = Number((values as TensorArray)[at])
  return floats
}

/** Largest matrix that is made dense, in numbers. */
const MOST_DENSE = 64 * 1024 * 1024

/** csr_matrix and csc_matrix of scipy; null for anything else or a damaged one. */
function toDense(sparse: PythonObject): Matrix | null {
  const form = /^cs([rc])_(matrix|array)$/.exec(sparse.kind)?.[1]
  const shape = toList(sparse.attributes.get('_shape') ?? null)
  if (form === undefined || shape?.length !== 2) return null
  const [rows, columns] = shape as [number, number]
  const size = rows * columns
  if (!Number.isSafeInteger(size) || size < 0 || size > MOST_DENSE) return null
  const [values, indices, starts] = ['data', 'indices', 'indptr'].map((name) =>
    vectorOf(sparse, name),
  ) as [Float64Array, Float64Array, Float64Array]
  const data = new Float64Array(size)
  const lines = form === 'r' ? rows : columns
  if (starts.length !== lines + 1) return null
  for (let line = 0; line < lines; line += 1) {
    for (let at = starts[line]!; at < Math.min(starts[line + 1]!, values.length); at += 1) {
      const other = indices[at]!
      const index = form === 'r' ? line * columns + other : other * columns + line
      if (!(index >= 0 && index < size)) return null
      data[index]! += values[at]!
    }
  }
  return { rows, columns, data }
}

const countValues = (values: ArrayValues): number => (values as { length?: number }).length ?? 0

function odd(object: PythonObject, name: string): never {
  const value = object.attributes.get(name)
  const missing = value === undefined || value === null
  return refuse(
    object,
    missing
      ? `the file has no "${name}" of it; was it fitted before it was saved?`
      : `its "${name}" is of a form that is not read`,
  )
}
