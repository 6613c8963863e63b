// LZMA, after the specification in the LZMA SDK: a range coder, and literals and repetitions by adaptive bits.
import { PickleError } from '../pickle/cursor.ts'
import { type ByteOutput, createOutput, finish, repeat, reserve } from './byte-output.ts'

/** 11 bits: even odds. */
const EVEN = 1024
const STATES = 12

export interface LzmaDecoder {
  /** Sets the literal context, literal position and position bits. */
  setProperties(byte: number): void
  resetState(): void
  /**
   * Decodes from `input` until `size` more bytes are there, or (size null) until the end marker.
   * @returns how many bytes of the input were taken
   */
  decode(input: Uint8Array, size: number | null): number
}

interface Lengths {
  readonly choice: Uint16Array
  readonly low: readonly Uint16Array[]
  readonly middle: readonly Uint16Array[]
  readonly high: Uint16Array
}

interface Probabilities {
  readonly isMatch: Uint16Array
  readonly isRepeat: Uint16Array
  readonly isFirst: Uint16Array
  readonly isSecond: Uint16Array
  readonly isThird: Uint16Array
  readonly isLong: Uint16Array
  readonly slots: readonly Uint16Array[]
  readonly positions: Uint16Array
  readonly align: Uint16Array
  readonly match: Lengths
  readonly again: Lengths
  readonly literals: Uint16Array
}

/** LZMA_ALONE: properties, dictionary size, unpacked size or -1, data. @throws PickleError */
export function decompressLzma(bytes: Uint8Array, limit: number): Uint8Array {
  if (bytes.length < 13) throw new PickleError('the file ends inside its header')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const size = view.getBigUint64(5, true)
  const output = createOutput(limit)
  const decoder = createLzmaDecoder(output)
  decoder.setProperties(bytes[0]!)
  decoder.decode(bytes.subarray(13), size === 0xffffffffffffffffn ? null : Number(size))
  return finish(output)
}

export function createLzmaDecoder(output: ByteOutput): LzmaDecoder {
  let [contextBits, literalMask, positionMask] = [0, 0, 0]
  let odds = createProbabilities(0)
  let state = 0
  const distances = [0, 0, 0, 0]
  let [input, at, range, code] = [new Uint8Array(0) as Uint8Array, 0, 0, 0]

  const normalise = (): void => {
    if (range >>> 24 !== 0) return
    if (at >= input.length) throw new PickleError('the file ends inside its data')
    range = (range << 8) >>> 0
    code = ((code << 8) | input[at]!) >>> 0
    at += 1
  }
  const bit = (table: Uint16Array, index: number): number => {
    const odd = table[index]!
    const bound = (range >>> 11) * odd
    if (code < bound) {
      range = bound
      table[index] = odd + ((2048 - odd) >> 5)
      normalise()
      return 0
    }
    range -= bound
    code -= bound
    table[index] = odd - (odd >> 5)
    normalise()
    return 1
  }
  const direct = (count: number): number => {
    let value = 0
    for (let left = count; left > 0; left -= 1) {
      range >>>= 1
      const one = code >= range ? 1 : 0
      if (one === 1) code -= range
      value = value * 2 + one
      normalise()
    }
    return value
  }
  const tree = (table: Uint16Array, bits: number): number => {
    let index = 1
    for (let left = bits; left > 0; left -= 1) index = (index << 1) | bit(table, index)
    return index - (1 << bits)
  }
  const reverse = (table: Uint16Array, offset: number, bits: number): number => {
    let [index, value] = [1, 0]
    for (let place = 0; place < bits; place += 1) {
      const one = bit(table, offset + index)
      index = (index << 1) | one
      value |= one << place
    }
    return value
  }
  const lengthOf = ({ choice, low, middle, high }: Lengths, position: number): number => {
    if (bit(choice, 0) === 0) return 2 + tree(low[position]!, 3)
    if (bit(choice, 1) === 0) return 10 + tree(middle[position]!, 3)
    return 18 + tree(high, 8)
  }
  const literal = (): void => {
    const { length, bytes } = output
    const before = length === 0 ? 0 : bytes[length - 1]!
    const context = ((length & literalMask) << contextBits) + (before >> (8 - contextBits))
    const base = 0x300 * context
    let symbol = 1
    if (state >= 7) {
      if (distances[0]! >= length) throw new PickleError('it repeats what is not there')
      let match = bytes[length - distances[0]! - 1]!
      while (symbol < 0x100) {
        const expected = (match >> 7) & 1
        match <<= 1
        const found = bit(odds.literals, base + ((1 + expected) << 8) + symbol)
        symbol = (symbol << 1) | found
        if (found !== expected) break
      }
    }
    while (symbol < 0x100) symbol = (symbol << 1) | bit(odds.literals, base + symbol)
    reserve(output, 1)
    output.bytes[length] = symbol & 0xff
    output.length += 1
    state = state < 4 ? 0 : state < 10 ? state - 3 : state - 6
  }
  const distanceOf = (length: number): number => {
    const slot = tree(odds.slots[Math.min(length - 2, 3)]!, 6)
    if (slot < 4) return slot
    const bits = (slot >> 1) - 1
    const start = (2 | (slot & 1)) * 2 ** bits
    if (slot < 14) return start + reverse(odds.positions, start - slot, bits)
    return start + direct(bits - 4) * 16 + reverse(odds.align, 0, 4)
  }
  /** One of the last four distances once more. */
  const again = (position: number): number => {
    if (bit(odds.isFirst, state) === 0) {
      if (bit(odds.isLong, state * 16 + position) === 0) {
        state = state < 7 ? 9 : 11
        return 1
      }
    } else {
      let which = 1
      if (bit(odds.isSecond, state) === 1) which = bit(odds.isThird, state) === 0 ? 2 : 3
      const [distance] = distances.splice(which, 1)
      distances.unshift(distance!)
    }
    const length = lengthOf(odds.again, position)
    state = state < 7 ? 8 : 11
    return length
  }

  return {
    setProperties: (byte) => {
      if (byte >= 225) throw new PickleError('it has no valid properties')
      contextBits = byte % 9
      const literalBits = Math.floor(byte / 9) % 5
      literalMask = (1 << literalBits) - 1
      positionMask = (1 << Math.floor(byte / 45)) - 1
      odds = createProbabilities(contextBits + literalBits)
      state = 0
      distances.fill(0)
    },
    resetState: () => {
      odds = createProbabilities(Math.log2(odds.literals.length / 0x300))
      state = 0
      distances.fill(0)
    },
    decode: (given, size) => {
      ;[input, at, range, code] = [given, 5, 0xffffffff, 0]
      if (given.length < 5 || given[0] !== 0) throw new PickleError('its data begins wrongly')
      code = new DataView(given.buffer, given.byteOffset).getUint32(1)
      const end = size === null ? Number.POSITIVE_INFINITY : output.length + size
      if (size !== null) reserve(output, size)
      while (output.length < end) {
        const position = output.length & positionMask
        if (bit(odds.isMatch, state * 16 + position) === 0) {
          literal()
          continue
        }
        let length: number
        if (bit(odds.isRepeat, state) === 1) length = again(position)
        else {
          length = lengthOf(odds.match, position)
          state = state < 7 ? 7 : 10
          const distance = distanceOf(length)
          if (distance === 0xffffffff) return at
          distances.pop()
          distances.unshift(distance)
        }
        if (output.length + length > end) throw new PickleError('it is longer than it says')
        repeat(output, distances[0]! + 1, length)
      }
      return at
    },
  }
}

function createProbabilities(literalBits: number): Probabilities {
  const even = (size: number) => new Uint16Array(size).fill(EVEN)
  const trees = (count: number, size: number) => Array.from({ length: count }, () => even(size))
  const lengths = (): Lengths => ({
    choice: even(2),
    low: trees(16, 8),
    middle: trees(16, 8),
    high: even(256),
  })
  return {
    isMatch: even(STATES * 16),
    isRepeat: even(STATES),
    isFirst: even(STATES),
    isSecond: even(STATES),
    isThird: even(STATES),
    isLong: even(STATES * 16),
    slots: trees(4, 64),
    positions: even(128),
    align: even(16),
    match: lengths(),
    again: lengths(),
    literals: even(0x300 << literalBits),
  }
}
