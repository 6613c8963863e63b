// The messages of onnx.proto (github.com/onnx/onnx, onnx/onnx.proto3) that Duga reads and writes,
// under their own names in camel case. int64 is bigint. Rarer fields (functions, sparse and
// quantisation annotations) pass through unread.
import type { Message } from './wire.ts'

export interface ModelProto extends Message {
  irVersion?: bigint | undefined
  producerName?: string | undefined
  producerVersion?: string | undefined
  domain?: string | undefined
  modelVersion?: bigint | undefined
  docString?: string | undefined
  graph?: GraphProto | undefined
  opsetImport: OperatorSetIdProto[]
  metadataProps: StringStringEntryProto[]
}

export interface OperatorSetIdProto extends Message {
  domain?: string | undefined
  version?: bigint | undefined
}

export interface StringStringEntryProto extends Message {
  key?: string | undefined
  value?: string | undefined
}

export interface GraphProto extends Message {
  node: NodeProto[]
  name?: string | undefined
  initializer: TensorProto[]
  docString?: string | undefined
  input: ValueInfoProto[]
  output: ValueInfoProto[]
  valueInfo: ValueInfoProto[]
}

export interface NodeProto extends Message {
  input: string[]
  output: string[]
  name?: string | undefined
  opType?: string | undefined
  attribute: AttributeProto[]
  docString?: string | undefined
  domain?: string | undefined
}

export interface AttributeProto extends Message {
  name?: string | undefined
  f?: number | undefined
  i?: bigint | undefined
  s?: Uint8Array | undefined
  t?: TensorProto | undefined
  g?: GraphProto | undefined
  floats: number[]
  ints: bigint[]
  strings: Uint8Array[]
  tensors: TensorProto[]
  graphs: GraphProto[]
  /** One of {@link ATTRIBUTE_TYPE}. */
  type?: number | undefined
}

export interface ValueInfoProto extends Message {
  name?: string | undefined
  type?: TypeProto | undefined
}

export interface TypeProto extends Message {
  tensorType?: TensorTypeProto | undefined
}

export interface TensorTypeProto extends Message {
  elemType?: number | undefined
  shape?: TensorShapeProto | undefined
}

export interface TensorShapeProto extends Message {
  dim: DimensionProto[]
}

export interface DimensionProto extends Message {
  dimValue?: bigint | undefined
  dimParam?: string | undefined
}

export interface TensorProto extends Message {
  dims: bigint[]
  /** One of {@link DATA_TYPE}. */
  dataType?: number | undefined
  floatData: number[]
  int32Data: number[]
  stringData: Uint8Array[]
  int64Data: bigint[]
  name?: string | undefined
  rawData?: Uint8Array | undefined
  doubleData: number[]
  uint64Data: bigint[]
  externalData: StringStringEntryProto[]
  dataLocation?: number | undefined
}

export const ATTRIBUTE_TYPE = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  graph: 5,
  floats: 6,
  ints: 7,
  strings: 8,
} as const

export const DATA_TYPE = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
  bfloat16: 16,
} as const
