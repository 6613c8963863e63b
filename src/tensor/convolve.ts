// Pillow's two-pass convolution of an RGB picture on the WebAssembly kernels: lays out their memory and feeds them.
// The source goes through in bands or stripes, so memory does not grow with its area.
import { type CoefficientPairs, toPairs } from './coefficient-pairs.ts'
import { loadResizeKernels, type ResizeKernels } from './kernels/resize.ts'
import { align16, createMemoryLayout, type MemoryLayout } from './memory-layout.ts'
import type { Picture } from './picture.ts'
import type { Coefficients } from './pillow-coefficients.ts'

const BAND = 4
/** Bytes that a kernel may touch beyond the end of a row. */
const SLACK = 16
const PAIR_BYTES = 24
/** Bytes of the source that are in memory at once where the vertical pass goes first. */
const STRIPE_BYTES = 8 << 20

/**
 * One pass, rounded to 8 bits, then the other; as in Pillow 13 the vertical one goes first where it sheds
 * more than twice as many rows as the other sheds columns.
 * @returns RGB bytes, `rows` × `columns` × 3
 */
export function convolve(
  picture: Picture,
  columns: Coefficients,
  rows: Coefficients,
): Uint8Array<ArrayBuffer> {
  const width = columns.first.length
  const height = rows.first.length
  const across = toPairs(columns, 2)
  const down = toPairs(rows, 1)
  const rowsShed = picture.height - height
  const verticalFirst = rowsShed > 0 && rowsShed > 2 * (picture.width - width)
  return verticalFirst
    ? convolveDownFirst(picture, width, across, down)
    : convolveAcrossFirst(picture, width, across, down)
}

function convolveAcrossFirst(
  picture: Picture,
  width: number,
  across: CoefficientPairs,
  down: CoefficientPairs,
) {
  const { top, bottom } = down
  const height = down.pairs.length
  const rowBytes = picture.width * 3
  const space = createMemoryLayout()
  const sourceStride = align16(rowBytes + SLACK)
  const stride = align16(width * 3 + SLACK)
  const source = space.take(sourceStride * BAND)
  const acrossAt = takeAcross(space, picture.width, across)
  const downAt = space.take(down.weights.byteLength)
  // One row more: an odd number of taps reads a last row with weight 0.
  const between = space.take(stride * (Math.ceil((bottom - top) / BAND) * BAND + 1))
  const out = space.take(width * height * 3 + SLACK)
  const kernels = loadResizeKernels(space.size())
  const bytes = new Uint8Array(kernels.memory.buffer)
  storeAcross(kernels, acrossAt, across)
  new Int16Array(kernels.memory.buffer, downAt).set(down.weights)

  for (let y = top; y < bottom; y += BAND) {
    for (let r = 0; r < Math.min(BAND, bottom - y); r++) {
      const from = (y + r) * rowBytes
      bytes.set(picture.data.subarray(from, from + rowBytes), source + r * sourceStride)
    }
    const from = { at: source, stride: sourceStride, width: picture.width }
    runAcross(kernels, acrossAt, from, { at: between + (y - top) * stride, stride, width })
  }
  const to = { at: out, stride: width * 3 }
  runDown(kernels, down, downAt, { at: between, stride }, to, width * 3)
  return bytes.slice(out, out + width * height * 3)
}

function convolveDownFirst(
  picture: Picture,
  width: number,
  across: CoefficientPairs,
  down: CoefficientPairs,
) {
  const { top, bottom } = down
  const height = down.pairs.length
  const bands = Math.ceil(height / BAND)
  const rowBytes = picture.width * 3
  // The source goes through in upright stripes, so that a large picture does not have to fit whole.
  const stripe = Math.min(align16(rowBytes), Math.max(64, align16(STRIPE_BYTES / (bottom - top))))
  const space = createMemoryLayout()
  const stride = align16(width * 3 + SLACK)
  const betweenStride = align16(rowBytes + SLACK)
  const source = space.take(stripe * (bottom - top + 1))
  const acrossAt = takeAcross(space, picture.width, across)
  const downAt = space.take(down.weights.byteLength)
  const between = space.take(betweenStride * bands * BAND)
  const out = space.take(stride * bands * BAND)
  const kernels = loadResizeKernels(space.size())
  const bytes = new Uint8Array(kernels.memory.buffer)
  storeAcross(kernels, acrossAt, across)
  new Int16Array(kernels.memory.buffer, downAt).set(down.weights)

  for (let left = 0; left < rowBytes; left += stripe) {
    const wide = Math.min(stripe, rowBytes - left)
    for (let y = top; y < bottom; y++) {
      const from = y * rowBytes + left
      bytes.set(picture.data.subarray(from, from + wide), source + (y - top) * stripe)
    }
    const to = { at: between + left, stride: betweenStride }
    runDown(kernels, down, downAt, { at: source, stride: stripe }, to, wide)
  }
  for (let y = 0; y < height; y += BAND) {
    const from = { at: between + y * betweenStride, stride: betweenStride, width: picture.width }
    runAcross(kernels, acrossAt, from, { at: out + y * stride, stride, width })
  }
  const data = new Uint8Array(width * height * 3)
  for (let y = 0; y < height; y++) {
    const from = out + y * stride
    data.set(bytes.subarray(from, from + width * 3), y * width * 3)
  }
  return data
}

interface AcrossAddresses {
  readonly packed: number
  readonly table: number
  readonly weights: number
}

function takeAcross(
  space: MemoryLayout,
  sourceWidth: number,
  across: CoefficientPairs,
): AcrossAddresses {
  return {
    packed: space.take((sourceWidth + 8) * (PAIR_BYTES / 2)),
    table: space.take(across.pairs.length * 8),
    weights: space.take(across.weights.byteLength),
  }
}

function storeAcross(kernels: ResizeKernels, at: AcrossAddresses, across: CoefficientPairs): void {
  const table = new Int32Array(kernels.memory.buffer, at.table)
  for (let i = 0; i < across.pairs.length; i++) {
    table[i * 2] = (across.first[i]! / 2) * PAIR_BYTES
    table[i * 2 + 1] = across.pairs[i]!
  }
  new Int16Array(kernels.memory.buffer, at.weights).set(across.weights)
}

/** Rows in the kernels' memory: address of the first, bytes from one to the next. */
interface Rows {
  readonly at: number
  readonly stride: number
}

function runAcross(
  kernels: ResizeKernels,
  at: AcrossAddresses,
  from: Rows & { readonly width: number },
  to: Rows & { readonly width: number },
): void {
  kernels.pack(from.at, from.stride, at.packed, Math.ceil(from.width / 4))
  kernels.horizontal(at.packed, at.table, at.weights, to.at, to.stride, to.width)
}

function runDown(
  kernels: ResizeKernels,
  down: CoefficientPairs,
  downAt: number,
  from: Rows,
  to: Rows,
  rowBytes: number,
): void {
  const blocks = Math.ceil(rowBytes / 16)
  let weights = downAt
  for (let y = 0; y < down.pairs.length; y++) {
    const source = from.at + (down.first[y]! - down.top) * from.stride
    const pairs = down.pairs[y]!
    kernels.vertical(source, from.stride, weights, pairs, to.at + y * to.stride, blocks)
    weights += pairs * 8
  }
}
