// Reads and writes protobuf messages after a table of their fields. Fields that the table does not
// know are kept as bytes and written back, so that a file of a newer format version survives. Knows
// nothing of ONNX.
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire'

export type Scalar = 'int64' | 'int32' | 'uint64' | 'float' | 'double' | 'string' | 'bytes'

export interface Field {
  readonly name: string
  readonly type: Scalar | (() => Schema)
  /** `packed` is how numbers are written; both forms are read. */
  readonly repeated?: 'packed' | 'plain'
}

/** Field number → field. */
export type Schema = Readonly<Record<number, Field>>

/** Where fields outside the schema are kept, as encoded. */
export const UNKNOWN = Symbol('unknown fields')

export interface Message {
  [UNKNOWN]?: Uint8Array
  [name: string]: unknown
}

const MAX_DEPTH = 64

/**
 * Decodes one message. Repeated fields are always present; an absent single field is undefined.
 * Throws on malformed input.
 */
export function decodeMessage(schema: Schema, bytes: Uint8Array, depth = 0): Message {
  if (depth > MAX_DEPTH) throw new RangeError(`messages are nested more than ${MAX_DEPTH} deep`)
  const message = emptyMessage(schema)
  const reader = new BinaryReader(bytes)
  const unknown: Uint8Array[] = []
  while (reader.pos < reader.len) {
    const start = reader.pos
    const [number, wire] = reader.tag()
    const field = schema[number]
    if (field === undefined) {
      skipField(reader, wire, number)
      unknown.push(bytes.subarray(start, reader.pos))
    } else readField(message, field, reader, wire, depth)
  }
  if (unknown.length > 0) message[UNKNOWN] = concatenate(unknown)
  return message
}

/**
 * Encodes one message, fields in the order of their numbers: the same message always gives the same
 * bytes.
 */
export function encodeMessage(schema: Schema, message: Message): Uint8Array {
  const writer = new BinaryWriter()
  for (const [number, field] of Object.entries(schema)) {
    writeField(writer, Number(number), field, message[field.name])
  }
  const unknown = message[UNKNOWN]
  if (unknown !== undefined) writer.raw(unknown)
  return writer.finish()
}

function emptyMessage(schema: Schema): Message {
  const message: Message = {}
  for (const field of Object.values(schema)) {
    message[field.name] = field.repeated === undefined ? undefined : []
  }
  return message
}

function skipField(reader: BinaryReader, wire: WireType, number: number): void {
  reader.skip(wire, number)
  if (reader.pos > reader.len) throw new RangeError('the file ends inside a field')
}

function readField(
  message: Message,
  field: Field,
  reader: BinaryReader,
  wire: WireType,
  depth: number,
): void {
  const { type } = field
  if (field.repeated === undefined) {
    message[field.name] = readValue(type, reader, wire, depth)
    return
  }
  const list = message[field.name] as unknown[]
  if (wire !== WireType.LengthDelimited || wireType(type) === WireType.LengthDelimited) {
    list.push(readValue(type, reader, wire, depth))
    return
  }
  const packed = new BinaryReader(reader.bytes())
  while (packed.pos < packed.len) list.push(readValue(type, packed, wireType(type), depth))
}

function readValue(type: Field['type'], reader: BinaryReader, wire: WireType, depth: number) {
  if (wire !== wireType(type)) throw new RangeError(`unexpected wire type ${wire}`)
  if (typeof type === 'function') return decodeMessage(type(), reader.bytes(), depth + 1)
  switch (type) {
    case 'int64':
      return BigInt(reader.int64())
    case 'uint64':
      return BigInt(reader.uint64())
    case 'int32':
      return reader.int32()
    case 'float':
      return reader.float()
    case 'double':
      return reader.double()
    case 'string':
      return reader.string()
    case 'bytes':
      return reader.bytes()
  }
}

function writeField(writer: BinaryWriter, number: number, field: Field, value: unknown): void {
  if (value === undefined) return
  const { type } = field
  if (field.repeated === undefined) {
    writeValue(writer.tag(number, wireType(type)), type, value)
    return
  }
  const list = value as readonly unknown[]
  if (field.repeated === 'plain') {
    for (const item of list) writeValue(writer.tag(number, wireType(type)), type, item)
  } else if (list.length > 0) {
    writer.tag(number, WireType.LengthDelimited).fork()
    for (const item of list) writeValue(writer, type, item)
    writer.join()
  }
}

function writeValue(writer: BinaryWriter, type: Field['type'], value: unknown): void {
  if (typeof type === 'function') {
    writer.bytes(encodeMessage(type(), value as Message))
    return
  }
  switch (type) {
    case 'int64':
      writer.int64(value as bigint)
      return
    case 'uint64':
      writer.uint64(value as bigint)
      return
    case 'int32':
      writer.int32(value as number)
      return
    case 'float':
      writer.float(value as number)
      return
    case 'double':
      writer.double(value as number)
      return
    case 'string':
      writer.string(value as string)
      return
    case 'bytes':
      writer.bytes(value as Uint8Array)
  }
}

function wireType(type: Field['type']): WireType {
  if (typeof type === 'function' || type === 'string' || type === 'bytes') {
    return WireType.LengthDelimited
  }
  if (type === 'float') return WireType.Bit32
  return type === 'double' ? WireType.Bit64 : WireType.Varint
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}
