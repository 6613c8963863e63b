// PyTorch storages: raw little-endian elements, of which a tensor is a strided view. Makes the
// contiguous tensor.
import { fromBfloat16 } from '../../tensor/bfloat16.ts'
import type { Tensor, TensorArray, TensorType } from '../../tensor/tensor.ts'
import { PickleError } from '../pickle/cursor.ts'

export interface StorageKind {
  readonly type: TensorType
  /** Of one stored element. */
  readonly bytes: number
  readonly toArray: (buffer: ArrayBuffer) => TensorArray
}

/** In elements. */
export interface View {
  readonly offset: number
  readonly size: readonly number[]
  readonly stride: readonly number[]
}

/** Pickle global → kind. */
export const STORAGES: Readonly<Record<string, StorageKind>> = {
  'torch FloatStorage': {
    type: 'float32',
    bytes: 4,
    toArray: (buffer) => new Float32Array(buffer),
  },
  'torch DoubleStorage': {
    type: 'float64',
    bytes: 8,
    toArray: (buffer) => new Float64Array(buffer),
  },
  'torch HalfStorage': {
    type: 'float32',
    bytes: 2,
    toArray: (buffer) => Float32Array.from(new Float16Array(buffer)),
  },
  'torch BFloat16Storage': {
    type: 'float32',
    bytes: 2,
    toArray: (buffer) => fromBfloat16(new Uint16Array(buffer)),
  },
  'torch LongStorage': {
    type: 'int64',
    bytes: 8,
    toArray: (buffer) => new BigInt64Array(buffer),
  },
  'torch IntStorage': { type: 'int32', bytes: 4, toArray: (buffer) => new Int32Array(buffer) },
  'torch ShortStorage': { type: 'int16', bytes: 2, toArray: (buffer) => new Int16Array(buffer) },
  'torch CharStorage': { type: 'int8', bytes: 1, toArray: (buffer) => new Int8Array(buffer) },
  'torch ByteStorage': { type: 'uint8', bytes: 1, toArray: (buffer) => new Uint8Array(buffer) },
  'torch BoolStorage': { type: 'bool', bytes: 1, toArray: (buffer) => new Uint8Array(buffer) },
}

/** @throws PickleError when the view reaches outside the storage. */
export function toTensor(name: string, kind: StorageKind, bytes: Uint8Array, view: View): Tensor {
  const { offset, size, stride } = view
  const count = size.reduce((all, dim) => all * dim, 1)
  const last = size.reduce((sum, dim, axis) => sum + (dim - 1) * (stride[axis] ?? NaN), offset)
  const held = bytes.length / kind.bytes
  if (size.length !== stride.length || (count > 0 && !(last < held))) {
    throw new PickleError(`tensor "${name}" reaches outside its storage`)
  }
  if (count === 0 || isContiguous(size, stride)) {
    const from = count === 0 ? 0 : offset * kind.bytes
    const { buffer } = new Uint8Array(bytes.subarray(from, from + count * kind.bytes))
    return { type: kind.type, dims: size, data: kind.toArray(buffer) }
  }
  const { buffer } = gather(bytes, count, kind.bytes, view)
  return { type: kind.type, dims: size, data: kind.toArray(buffer) }
}

function isContiguous(size: readonly number[], stride: readonly number[]): boolean {
  let expected = 1
  for (let axis = size.length - 1; axis >= 0; axis -= 1) {
    if (size[axis] !== 1 && stride[axis] !== expected) return false
    expected *= size[axis]!
  }
  return true
}

/** Walks the view in row-major order, with an index counter a dimension. */
function gather(
  from: Uint8Array,
  count: number,
  width: number,
  { offset, size, stride }: View,
): Uint8Array<ArrayBuffer> {
  const to = new Uint8Array(count * width)
  const index = size.map(() => 0)
  let position = offset
  for (let written = 0; written < count; written += 1) {
    for (let byte = 0; byte < width; byte += 1) {
      to[written * width + byte] = from[position * width + byte]!
    }
    for (let axis = size.length - 1; axis >= 0; axis -= 1) {
      index[axis]! += 1
      position += stride[axis]!
      if (index[axis]! < size[axis]!) break
      position -= size[axis]! * stride[axis]!
      index[axis] = 0
    }
  }
  return to
}
