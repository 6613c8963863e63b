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

export interface Tensor {
  readonly type: TensorType
  readonly dims: readonly number[]
  readonly data: TensorArray
}

/** Tensors by the name of a graph's input or output. */
export type Tensors = Readonly<Record<string, Tensor>>
