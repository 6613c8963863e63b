// bzip2, after its reference implementation: Huffman codes, move-to-front, run lengths, Burrows-Wheeler.
import { PickleError } from '../pickle/cursor.ts'
import { append, type ByteOutput, createOutput, finish } from './byte-output.ts'

const BLOCK = 0x314159265359
const END = 0x177245385090
const GROUP = 50
const LONGEST_CODE = 20

interface Bits {
  readonly bytes: Uint8Array
  /** In bits. */
  position: number
}

/** @throws PickleError where it is damaged or holds more than `limit` bytes */
export function decompressBzip2(bytes: Uint8Array, limit: number): Uint8Array {
  const bits: Bits = { bytes, position: 0 }
  const output = createOutput(limit)
  // Streams may follow one another.
  while (bits.position + 32 <= bytes.length * 8) {
    if (read(bits, 24) !== 0x425a68) throw new PickleError('it is no bzip2 stream')
    const size = (read(bits, 8) - 0x30) * 100_000
    if (!(size >= 100_000 && size <= 900_000))
      throw new PickleError('its blocks have no valid size')
    for (let magic = read48(bits); magic !== END; magic = read48(bits)) {
      if (magic !== BLOCK) throw new PickleError('a block does not begin where it should')
      readBlock(bits, size, output)
    }
    read(bits, 32)
    bits.position = Math.ceil(bits.position / 8) * 8
  }
  return finish(output)
}

function readBlock(bits: Bits, size: number, output: ByteOutput): void {
  const expected = read(bits, 32)
  if (read(bits, 1) === 1) throw new PickleError('its blocks are of an old kind')
  const start = read(bits, 24)
  const values = readValues(bits, readAlphabet(bits), size)
  if (start >= values.length) throw new PickleError('a block has no valid start')
  const block = runLengths(untransform(values, start), output.limit)
  if (checksum(block) !== expected) throw new PickleError('a block has another checksum')
  append(output, block)
}

/** The bytes that occur, in order. */
function readAlphabet(bits: Bits): number[] {
  const ranges = read(bits, 16)
  const alphabet: number[] = []
  for (let range = 0; range < 16; range += 1) {
    if (((ranges >> (15 - range)) & 1) === 0) continue
    const used = read(bits, 16)
    for (let at = 0; at < 16; at += 1) if ((used >> (15 - at)) & 1) alphabet.push(range * 16 + at)
  }
  if (alphabet.length === 0) throw new PickleError('a block uses no bytes')
  return alphabet
}

/** Huffman codes → places in the move-to-front list → bytes, before the transform is turned back. */
function readValues(bits: Bits, alphabet: number[], size: number): Uint8Array {
  const tables = read(bits, 3)
  const groups = read(bits, 15)
  if (tables < 2 || tables > 6 || groups === 0) throw new PickleError('a block has no valid codes')
  const order = Array.from({ length: tables }, (_, at) => at)
  const selectors = Uint8Array.from({ length: groups }, () => {
    let place = 0
    while (read(bits, 1) === 1) place += 1
    if (place >= tables) throw new PickleError('a block chooses a code that is not there')
    order.unshift(...order.splice(place, 1))
    return order[0]!
  })
  const codes = Array.from({ length: tables }, () => readCode(bits, alphabet.length + 2))
  const values = new Uint8Array(size)
  const end = alphabet.length + 1
  let [length, run, weight] = [0, 0, 1]
  for (let at = 0; ; at += 1) {
    const group = Math.floor(at / GROUP)
    if (group >= groups) throw new PickleError('a block does not end')
    const symbol = decode(bits, codes[selectors[group]!]!)
    if (symbol <= 1) {
      // A run of the byte in front, its length in digits 1 and 2.
      run += weight * (symbol + 1)
      weight *= 2
      if (run > size) throw new PickleError('a block is longer than it may be')
      continue
    }
    if (length + run + 1 > size + (symbol === end ? 1 : 0)) {
      throw new PickleError('a block is longer than it may be')
    }
    values.fill(alphabet[0]!, length, length + run)
    length += run
    ;[run, weight] = [0, 1]
    if (symbol === end) return values.subarray(0, length)
    const [byte] = alphabet.splice(symbol - 1, 1)
    alphabet.unshift(byte!)
    values[length] = byte!
    length += 1
  }
}

interface Code {
  /** By length: the highest code, and what to subtract for the place of its symbol. */
  readonly limits: Int32Array
  readonly offsets: Int32Array
  readonly symbols: Uint16Array
}

function readCode(bits: Bits, count: number): Code {
  let length = read(bits, 5)
  const lengths = Uint8Array.from({ length: count }, () => {
    while (read(bits, 1) === 1) length += read(bits, 1) === 1 ? -1 : 1
    if (length < 1 || length > LONGEST_CODE) throw new PickleError('a code has no valid length')
    return length
  })
  const symbols = Uint16Array.from(lengths.keys()).sort(
    (a, b) => lengths[a]! - lengths[b]! || a - b,
  )
  const limits = new Int32Array(LONGEST_CODE + 1).fill(-1)
  const offsets = new Int32Array(LONGEST_CODE + 1)
  let [code, place] = [0, 0]
  for (let size = 1; size <= LONGEST_CODE; size += 1) {
    const own = lengths.reduce((sum, one) => sum + (one === size ? 1 : 0), 0)
    offsets[size] = code - place
    code += own
    place += own
    limits[size] = own === 0 ? -1 : code - 1
    code *= 2
  }
  return { limits, offsets, symbols }
}

function decode(bits: Bits, { limits, offsets, symbols }: Code): number {
  let code = 0
  for (let size = 1; size <= LONGEST_CODE; size += 1) {
    code = (code << 1) | read(bits, 1)
    if (limits[size]! >= 0 && code <= limits[size]! && code - offsets[size]! >= 0) {
      const symbol = symbols[code - offsets[size]!]
      if (symbol !== undefined) return symbol
    }
  }
  throw new PickleError('a code is not known')
}

/** Burrows and Wheeler's transform turned back. */
function untransform(values: Uint8Array, start: number): Uint8Array {
  const starts = new Int32Array(257)
  for (const value of values) starts[value + 1]! += 1
  for (let byte = 0; byte < 256; byte += 1) starts[byte + 1]! += starts[byte]!
  const next = new Int32Array(values.length)
  for (const [at, value] of values.entries()) {
    next[starts[value]!] = at
    starts[value]! += 1
  }
  const turned = new Uint8Array(values.length)
  let place = next[start]!
  for (let at = 0; at < turned.length; at += 1) {
    turned[at] = values[place]!
    place = next[place]!
  }
  return turned
}

/** After four equal bytes a fifth says how many more there are. */
function runLengths(bytes: Uint8Array, limit: number): Uint8Array {
  const output = createOutput(limit)
  let [last, equal] = [-1, 0]
  let from = 0
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at]!
    if (equal === 4) {
      append(output, bytes.subarray(from, at))
      append(output, new Uint8Array(byte).fill(last))
      from = at + 1
      ;[last, equal] = [-1, 0]
      continue
    }
    equal = byte === last ? equal + 1 : 1
    last = byte
  }
  append(output, bytes.subarray(from))
  return finish(output)
}

function read(bits: Bits, count: number): number {
  let value = 0
  for (let left = count; left > 0; ) {
    const byte = bits.bytes[bits.position >> 3]
    if (byte === undefined) throw new PickleError('the file ends inside a block')
    const free = 8 - (bits.position & 7)
    const used = Math.min(free, left)
    value = value * 2 ** used + ((byte >> (free - used)) & ((1 << used) - 1))
    bits.position += used
    left -= used
  }
  return value
}

const read48 = (bits: Bits): number => read(bits, 48)

const TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let value = byte << 24
  for (let bit = 0; bit < 8; bit += 1) value = value < 0 ? (value << 1) ^ 0x04c11db7 : value << 1
  return value
})

/** CRC-32 with its bits the other way round. */
function checksum(bytes: Uint8Array): number {
  let value = -1
  for (const byte of bytes) value = (value << 8) ^ TABLE[((value >>> 24) ^ byte) & 255]!
  return ~value >>> 0
}
