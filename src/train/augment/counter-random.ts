// Random numbers that depend on (seed, epoch, row) alone, not on what was drawn before elsewhere: Philox 4×32-10
// (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011). Order and threads do not matter.
import { createHash } from 'node:crypto'

export interface Draw {
  /** The next number, 0 ≤ x < 1, with 32 random bits. */
  uniform(): number
  /** low ≤ x < high; `low` where both are equal. */
  between(low: number, high: number): number
  /** A whole number, 0 ≤ x < below. */
  integer(below: number): number
  /** True with the given probability. */
  chance(probability: number): boolean
  /** Of the standard normal distribution (Box and Muller). */
  normal(): number
}

export interface DrawKey {
  readonly seed: number
  /** Epoch, or number of a cached view. */
  readonly epoch: number
  /** Id of the row. */
  readonly id: string
}

/** Numbers of one row in one epoch, from their beginning. At most 2³² blocks of four. */
export function createDraw({ seed, epoch, id }: DrawKey): Draw {
  const digest = createHash('sha256').update(id).digest()
  const [idLow, idHigh] = [digest.readUInt32LE(0), digest.readUInt32LE(4)]
  const block = new Uint32Array(4)
  let count = 0
  let at = 4
  let spare: number | null = null
  const uniform = () => {
    if (at === 4) {
      // The upper half of a large seed sets counters apart, so that no part of it is lost.
      philox(block, count, Math.floor(seed / 2 ** 32), idLow, idHigh, seed, epoch)
      count += 1
      at = 0
    }
    const value = block[at]! / 2 ** 32
    at += 1
    return value
  }
  const normal = () => {
    if (spare !== null) {
      const value = spare
      spare = null
      return value
    }
    // 1 − u is never zero.
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()))
    const angle = 2 * Math.PI * uniform()
    spare = radius * Math.sin(angle)
    return radius * Math.cos(angle)
  }
  return {
    uniform,
    between: (low, high) => low + (high - low) * uniform(),
    integer: (below) => Math.floor(uniform() * below),
    chance: (probability) => uniform() < probability,
    normal,
  }
}

/** Ten rounds over the counter (c0…c3) under the key (k0, k1); only the low 32 bits of each count. */
export function philox(
  out: Uint32Array,
  c0: number,
  c1: number,
  c2: number,
  c3: number,
  k0: number,
  k1: number,
): void {
  let [a, b, c, d] = [c0 | 0, c1 | 0, c2 | 0, c3 | 0]
  let [key0, key1] = [k0 | 0, k1 | 0]
  for (let round = 0; round < 10; round++) {
    const [high0, high1] = [highOfProduct(0xd2511f53, a), highOfProduct(0xcd9e8d57, c)]
    const [low0, low1] = [Math.imul(0xd2511f53, a), Math.imul(0xcd9e8d57, c)]
    a = high1 ^ b ^ key0
    b = low1
    c = high0 ^ d ^ key1
    d = low0
    key0 = (key0 + 0x9e3779b9) | 0
    key1 = (key1 + 0xbb67ae85) | 0
  }
  out[0] = a
  out[1] = b
  out[2] = c
  out[3] = d
}

/** Upper 32 bits of the product of two unsigned 32-bit numbers. */
function highOfProduct(x: number, y: number): number {
  const [xLow, xHigh, yLow, yHigh] = [x & 0xffff, x >>> 16, y & 0xffff, y >>> 16]
  const low = Math.imul(xLow, yLow) >>> 16
  const [cross0, cross1] = [Math.imul(xLow, yHigh) >>> 0, Math.imul(xHigh, yLow) >>> 0]
  const carry = (low + (cross0 & 0xffff) + (cross1 & 0xffff)) >>> 16
  return (Math.imul(xHigh, yHigh) + (cross0 >>> 16) + (cross1 >>> 16) + carry) | 0
}
