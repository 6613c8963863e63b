// The plain tensor that moves between threads, files and onnxruntime. Row-major, no views, no methods.

export type TensorType =
  | 'float32'
  | 'float64'
  | 'int64'
  | 'int32'
  | 'int16'
  | 'int8'
  | 'uint8'
  | 'uint16'
  | 'uint32'
  | 'bool'

export type TensorArray =
  | Float32Array
  | Float64Array
  | BigInt64Array
  | Int32Array
  | Int16Array
  | Int8Array
  | Uint8Array
  | Uint16Array
  | Uint32Array

interface TensorArrayConstructor {
  new (length: number): TensorArray
  new (buffer: ArrayBuffer): TensorArray
}

/** What holds the elements of each type. */
export const TENSOR_ARRAYS: Readonly<Record<TensorType, TensorArrayConstructor>> = {
  float32: Float32Array,
  float64: Float64Array,
  int64: BigInt64Array,
  int32: Int32Array,
  int16: Int16Array,
  int8: Int8Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  bool: Uint8Array,
}

export interface Tensor {
  readonly type: TensorType
  readonly dims: readonly number[]
  readonly data: TensorArray
}

/** Tensors by the name of a graph's input or output. */
export type Tensors = Readonly<Record<string, Tensor>>

/** 64-bit integers: [n]. */
export const longs = (values: readonly number[]): Tensor => ({
  type: 'int64',
  dims: [values.length],
  data: BigInt64Array.from(values, BigInt),
})
