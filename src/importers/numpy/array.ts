// Arrays of numpy: bytes, dtype, shape and order → row-major values in the byte order of this machine.
import type { TensorArray } from '../../tensor/tensor.ts'
import { PickleError } from '../pickle/cursor.ts'
import { Dtype } from './dtype.ts'

export type Columns = ReadonlyMap<string, TensorArray>

/** Numbers, texts, objects, or the columns of a record array. float16 comes as float32, bool as 0 and 1. */
export type ArrayValues = TensorArray | readonly string[] | readonly unknown[] | Columns

/** Identity matters: a pickle makes an empty one, remembers it, and only then fills it. */
export class NumpyArray {
  dtype: Dtype = new Dtype('f', 8)
  shape: readonly number[] = [0]
  values: ArrayValues = new Float64Array(0)
}

/** What all arrays of one file may hold: a file of a few bytes must not ask for gigabytes by naming one thing often. */
export interface Budget {
  left: number
}

/** @throws PickleError when more is asked for than the file's size allows */
export function spend(budget: Budget, bytes: number): void {
  budget.left -= bytes
  if (!(budget.left >= 0)) throw new PickleError('the arrays are far larger than the file')
}

/** Number of elements. @throws PickleError where the shape is no list of counts */
export function countOf(shape: unknown): number {
  const valid = Array.isArray(shape) && shape.length <= 32 && shape.every(isCount)
  const count = valid ? shape.reduce((all: number, dim: number) => all * dim, 1) : Number.NaN
  if (!Number.isSafeInteger(count)) throw new PickleError('an array has no valid shape')
  return count
}

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0

/**
 * @param bytes exactly the elements, in row-major or (`fortran`) column-major order
 * @throws PickleError where their number is not what the shape says
 */
export function toValues(
  dtype: Dtype,
  shape: readonly number[],
  bytes: Uint8Array,
  fortran: boolean,
): ArrayValues {
  const count = countOf(shape)
  if (dtype.kind === 'O') throw new PickleError('an array of objects has no bytes')
  if (bytes.length !== count * dtype.size || (dtype.size === 0 && count > 65536)) {
    throw new PickleError(`an array holds ${bytes.length} bytes for ${count} elements`)
  }
  const order = fortran && shape.length > 1 ? transposed(shape, count) : null
  if (dtype.fields !== null) {
    const columns = dtype.fields.map(({ name, dtype: inner, offset }) => {
      const column = gatherColumn(bytes, dtype.size, offset, inner.size)
      return [name, reorder(toNumbers(inner, column), order)] as const
    })
    return new Map(columns)
  }
  if (dtype.kind === 'U' || dtype.kind === 'S') {
    const texts = toTexts(dtype, bytes, count)
    return order === null ? texts : Array.from(order, (index) => texts[index]!)
  }
  return reorder(toNumbers(dtype, bytes), order)
}

/** Row-major position → position in column-major data. */
function transposed(shape: readonly number[], count: number): Uint32Array {
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((all, dim) => all * dim, 1))
  const index = shape.map(() => 0)
  const order = new Uint32Array(count)
  let position = 0
  for (let at = 0; at < count; at += 1) {
    order[at] = position
    for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
      index[axis]! += 1
      position += strides[axis]!
      if (index[axis]! < shape[axis]!) break
      position -= shape[axis]! * strides[axis]!
      index[axis] = 0
    }
  }
  return order
}

function reorder(values: TensorArray, order: Uint32Array | null): TensorArray {
  if (order === null) return values
  const moved = values.slice()
  for (let at = 0; at < order.length; at += 1) moved[at] = values[order[at]!]!
  return moved
}

function gatherColumn(bytes: Uint8Array, record: number, offset: number, size: number): Uint8Array {
  const count = bytes.length / record
  const column = new Uint8Array(count * size)
  for (let row = 0; row < count; row += 1) {
    const start = row * record + offset
    for (let byte = 0; byte < size; byte += 1) column[row * size + byte] = bytes[start + byte]!
  }
  return column
}

function toNumbers({ kind, size, bigEndian }: Dtype, bytes: Uint8Array): TensorArray {
  // A copy: aligned, and no longer holding on to the file.
  const copy = new Uint8Array(bytes)
  if (bigEndian && size > 1) swapBytes(copy, size)
  const { buffer } = copy
  if (kind === 'b') return copy
  if (kind === 'f') {
    if (size === 2) return Float32Array.from(new Float16Array(buffer))
    return size === 4 ? new Float32Array(buffer) : new Float64Array(buffer)
  }
  const signed = kind === 'i'
  if (size === 1) return signed ? new Int8Array(buffer) : copy
  if (size === 2) return signed ? new Int16Array(buffer) : new Uint16Array(buffer)
  if (size === 4) return signed ? new Int32Array(buffer) : new Uint32Array(buffer)
  // Unsigned beyond 2⁶³ is not told from negative: nothing that is learnt counts that far.
  return new BigInt64Array(buffer)
}

function swapBytes(bytes: Uint8Array, size: number): void {
  for (let at = 0; at < bytes.length; at += size) bytes.subarray(at, at + size).reverse()
}

/** UTF-32 or Latin-1, padded with zeros. */
function toTexts({ kind, size, bigEndian }: Dtype, bytes: Uint8Array, count: number): string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Array.from({ length: count }, (_, at) => {
    const start = at * size
    if (kind === 'S') {
      const text = Buffer.from(bytes.subarray(start, start + size)).toString('latin1')
      return text.replace(/\0+$/, '')
    }
    let text = ''
    for (let byte = start; byte < start + size; byte += 4) {
      const code = view.getUint32(byte, !bigEndian)
      if (code > 0x10ffff) throw new PickleError('a text holds no valid character')
      text += String.fromCodePoint(code)
    }
    return text.replace(/\0+$/, '')
  })
}
