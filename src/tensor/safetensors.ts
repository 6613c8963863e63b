// The safetensors format (huggingface/safetensors): a JSON header, then raw little-endian data.
// Tensors by name, no code. Halves are widened to float32; what Duga stores is float32.
import { parseUntrusted } from '../json.ts'
import { fromBfloat16 } from './bfloat16.ts'
import type { Tensor, TensorArray, Tensors, TensorType } from './tensor.ts'

const DTYPES = {
  F64: ['float64', Float64Array],
  I64: ['int64', BigInt64Array],
  F32: ['float32', Float32Array],
  I32: ['int32', Int32Array],
  U32: ['uint32', Uint32Array],
  I16: ['int16', Int16Array],
  U16: ['uint16', Uint16Array],
  I8: ['int8', Int8Array],
  U8: ['uint8', Uint8Array],
  BOOL: ['bool', Uint8Array],
} as const satisfies Record<string, readonly [TensorType, { new (b: ArrayBuffer): TensorArray }]>

type Dtype = keyof typeof DTYPES

/** Read, never written. */
const HALVES = {
  F16: (buffer: ArrayBuffer): Float32Array => Float32Array.from(new Float16Array(buffer)),
  BF16: (buffer: ArrayBuffer): Float32Array => fromBfloat16(new Uint16Array(buffer)),
} as const

type ReadDtype = Dtype | keyof typeof HALVES

const HEADER_LIMIT = 100 * 1024 * 1024
/** A header is an object of objects of lists. */
const DEEPEST = 8

interface Entry {
  readonly dtype: ReadDtype
  readonly shape: readonly number[]
  readonly data_offsets: readonly [number, number]
}

/**
 * Reads every tensor; they share no memory with `bytes`.
 *
 * @throws RangeError for a malformed file: offsets outside it, overlaps, gaps, sizes that disagree
 * with shapes.
 */
export function decodeSafetensors(bytes: Uint8Array): Record<string, Tensor> {
  const { header, start } = readHeader(bytes)
  const tensors: Record<string, Tensor> = Object.create(null)
  let covered = 0
  const entries = Object.entries(header)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, entry]) => [name, checkEntry(name, entry)] as const)
    // An empty tensor begins and ends where the next one begins: it comes first.
    .sort(([, { data_offsets: a }], [, { data_offsets: b }]) => a[0] - b[0] || a[1] - b[1])
  for (const [name, { dtype, shape, data_offsets }] of entries) {
    const [from, to] = data_offsets
    if (from !== covered) throw new RangeError(`tensor "${name}" overlaps another or leaves a gap`)
    if (start + to > bytes.length) throw new RangeError(`tensor "${name}" lies outside the file`)
    covered = to
    const { buffer } = new Uint8Array(bytes.subarray(start + from, start + to))
    tensors[name] = toTensor(dtype, shape, buffer)
  }
  if (start + covered !== bytes.length) throw new RangeError('bytes follow the last tensor')
  return tensors
}

function toTensor(dtype: ReadDtype, dims: readonly number[], buffer: ArrayBuffer): Tensor {
  if (dtype === 'F16' || dtype === 'BF16') {
    return { type: 'float32', dims, data: HALVES[dtype](buffer) }
  }
  const [type, ArrayType] = DTYPES[dtype]
  return { type, dims, data: new ArrayType(buffer) }
}

const bytesOf = (dtype: ReadDtype): number =>
  dtype === 'F16' || dtype === 'BF16' ? 2 : DTYPES[dtype][1].BYTES_PER_ELEMENT

/**
 * Writes tensors, widest elements first so that all stay aligned; the same tensors always give the
 * same bytes.
 */
export function encodeSafetensors(tensors: Tensors): Uint8Array {
  return joinParts(safetensorsParts(tensors))
}

/** All parts after one another. */
export function joinParts(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

/** The same bytes in parts that share the tensors' memory: what is large is written without a copy. */
export function safetensorsParts(tensors: Tensors): Uint8Array[] {
  const order = Object.entries(tensors).sort(
    ([a, x], [b, y]) => y.data.BYTES_PER_ELEMENT - x.data.BYTES_PER_ELEMENT || (a < b ? -1 : 1),
  )
  for (const [name, { dims, data }] of order) {
    if (data.length !== elements(dims)) throw new TypeError(`Tensor ${name} does not fit its shape`)
  }
  const ports = order.map(([name, { type, dims }]) => ({ name, type, dims }))
  const data = order.map(
    ([, { data: values }]) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
  )
  return [safetensorsHeader(ports), ...data]
}

/** What a file begins with; the data of these tensors must follow in this order, widest elements first. */
export function safetensorsHeader(
  tensors: readonly {
    readonly name: string
    readonly type: TensorType
    readonly dims: readonly number[]
  }[],
): Uint8Array {
  const header: Record<string, Entry> = {}
  let end = 0
  for (const { name, type, dims } of tensors) {
    const dtype = toDtype(type)
    const from = end
    end += elements(dims) * DTYPES[dtype][1].BYTES_PER_ELEMENT
    header[name] = { dtype, shape: dims, data_offsets: [from, end] }
  }
  const json = JSON.stringify(header)
  const text = Buffer.from(json + ' '.repeat((8 - (Buffer.byteLength(json) % 8)) % 8))
  const bytes = new Uint8Array(8 + text.length)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true)
  bytes.set(text, 8)
  return bytes
}

function readHeader(bytes: Uint8Array): { header: Record<string, unknown>; start: number } {
  if (bytes.length < 8) throw new RangeError('the file ends inside its header')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const length = view.getBigUint64(0, true)
  if (length > HEADER_LIMIT || length > bytes.length - 8) {
    throw new RangeError('the file ends inside its header')
  }
  const start = 8 + Number(length)
  const header: unknown = parseJson(bytes.subarray(8, start))
  if (typeof header !== 'object' || header === null) throw new RangeError('the header is no object')
  return { header: header as Record<string, unknown>, start }
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return parseUntrusted(new TextDecoder('utf-8', { fatal: true }).decode(bytes), DEEPEST)
  } catch (cause) {
    throw new RangeError('the header is not JSON', { cause })
  }
}

function checkEntry(name: string, value: unknown): Entry {
  const entry = value as Partial<Entry> | null
  if (typeof entry !== 'object' || entry === null) throw new RangeError(`tensor "${name}" is empty`)
  const { dtype, shape, data_offsets: offsets } = entry
  if (!isRead(dtype)) {
    throw new RangeError(`tensor "${name}" has type ${dtype}, which is not read`)
  }
  if (!isCounts(shape) || !isCounts(offsets) || offsets.length !== 2) {
    throw new RangeError(`tensor "${name}" has no valid shape or offsets`)
  }
  const bytes = elements(shape) * bytesOf(dtype)
  if (offsets[1] - offsets[0] !== bytes) {
    throw new RangeError(`tensor "${name}" does not fit its shape`)
  }
  return { dtype, shape, data_offsets: [offsets[0], offsets[1]] }
}

const isRead = (dtype: unknown): dtype is ReadDtype =>
  typeof dtype === 'string' && (Object.hasOwn(DTYPES, dtype) || Object.hasOwn(HALVES, dtype))

const isCounts = (value: unknown): value is readonly [number, number] =>
  Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0)

const elements = (shape: readonly number[]): number => shape.reduce((all, dim) => all * dim, 1)

function toDtype(type: TensorType): Dtype {
  return Object.entries(DTYPES).find(([, [name]]) => name === type)![0] as Dtype
}
