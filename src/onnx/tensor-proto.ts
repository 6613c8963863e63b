// TensorProto ↔ Tensor: every numeric element type, from raw bytes or from the typed lists. Halves
// are widened to float32.
import { DugaError } from '../errors.ts'
import { fromBfloat16 } from '../tensor/bfloat16.ts'
import { TENSOR_ARRAYS, type Tensor, type TensorArray, type TensorType } from '../tensor/tensor.ts'
import { DATA_TYPE, type TensorProto } from './proto.ts'

type Stored = TensorType | 'float16' | 'bfloat16'

const BYTES: Record<Stored, number> = {
  float32: 4,
  float64: 8,
  float16: 2,
  bfloat16: 2,
  int64: 8,
  int32: 4,
  int16: 2,
  int8: 1,
  uint8: 1,
  uint16: 2,
  uint32: 4,
  bool: 1,
}

/** A tensor that shares no memory with the file. float16 and bfloat16 come as float32. */
export function fromTensorProto(proto: TensorProto): Tensor {
  const stored = storedType(proto)
  const dims = proto.dims.map(Number)
  const size = dims.reduce((product, dim) => product * dim, 1)
  if (!Number.isSafeInteger(size) || dims.some((dim) => dim < 0))
    refuse(proto, 'has no valid shape')
  if (proto.rawData !== undefined && proto.rawData.length !== size * BYTES[stored]) {
    refuse(proto, `holds ${proto.rawData.length} bytes for ${size} elements`)
  }
  const data =
    proto.rawData === undefined ? fromLists(proto, stored) : fromRaw(proto.rawData, stored)
  if (data.length !== size) refuse(proto, `holds ${data.length} of ${size} elements`)
  return { type: stored === 'float16' || stored === 'bfloat16' ? 'float32' : stored, dims, data }
}

/**
 * Stores a tensor as raw bytes; with `half`, a float32 tensor rounded to float16 (to nearest, ties
 * to even).
 */
export function toTensorProto(
  name: string,
  tensor: Tensor,
  options: { readonly half?: boolean } = {},
): TensorProto {
  const { half = false } = options
  const data = half ? Float16Array.from(tensor.data as Float32Array) : tensor.data
  const size = tensor.dims.reduce((product, dim) => product * dim, 1)
  if (data.length !== size)
    throw new TypeError(`Tensor ${name}: ${data.length} of ${size} elements`)
  if (half && tensor.type !== 'float32') throw new TypeError(`Tensor ${name} is not float32`)
  return {
    dims: tensor.dims.map(BigInt),
    dataType: DATA_TYPE[half ? 'float16' : tensor.type],
    floatData: [],
    int32Data: [],
    stringData: [],
    int64Data: [],
    name,
    rawData: new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice(),
    doubleData: [],
    uint64Data: [],
    externalData: [],
  }
}

/**
 * The onnxruntime name of an ONNX element type, such as `float32`; undefined for strings and
 * unknown types.
 */
export function tensorTypeOf(dataType: number | undefined): TensorType | undefined {
  const name = Object.entries(DATA_TYPE).find(([, code]) => code === dataType)?.[0]
  return name !== undefined && name in TENSOR_ARRAYS ? (name as TensorType) : undefined
}

function storedType(proto: TensorProto): Stored {
  const name = Object.entries(DATA_TYPE).find(([, code]) => code === proto.dataType)?.[0]
  if (name === undefined || !(name in BYTES)) refuse(proto, `has element type ${proto.dataType}`)
  return name as Stored
}

function fromRaw(raw: Uint8Array, stored: Stored): TensorArray {
  // A copy both aligns the bytes and frees the file that they lie in.
  const { buffer } = new Uint8Array(raw)
  if (stored === 'float16') return Float32Array.from(new Float16Array(buffer))
  if (stored === 'bfloat16') return fromBfloat16(new Uint16Array(buffer))
  return new TENSOR_ARRAYS[stored](buffer)
}

function fromLists(proto: TensorProto, stored: Stored): TensorArray {
  switch (stored) {
    case 'float32':
      return Float32Array.from(proto.floatData)
    case 'float64':
      return Float64Array.from(proto.doubleData)
    case 'int64':
      return BigInt64Array.from(proto.int64Data)
    case 'uint32':
      return Uint32Array.from(proto.uint64Data, Number)
    case 'float16':
      return fromRaw(new Uint8Array(Uint16Array.from(proto.int32Data).buffer), stored)
    case 'bfloat16':
      return fromBfloat16(Uint16Array.from(proto.int32Data))
    default: {
      const values = new TENSOR_ARRAYS[stored](
        new ArrayBuffer(proto.int32Data.length * BYTES[stored]),
      )
      ;(values as Int32Array).set(proto.int32Data)
      return values
    }
  }
}

function refuse(proto: TensorProto, problem: string): never {
  throw new DugaError('model.unreadable', { reason: `tensor "${proto.name}" ${problem}` })
}
