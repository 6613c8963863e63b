// OpenCV's cv2.resize(…, INTER_LINEAR) for 8-bit RGB or BGR, in its own fixed point: 11-bit weights, two taps an axis.
// No anti-aliasing, as there: shrinking by more than 2 skips pixels. Not Pillow's (see resize.ts).
import { loadResizeKernels } from './kernels/resize.ts'
import { align16 } from './memory-layout.ts'
import { checkSizes, type Picture } from './picture.ts'

const ONE = 2048

/**
 * Within one level of `cv2.resize(picture, (width, height), interpolation=cv2.INTER_LINEAR)`.
 * @throws RangeError where a size is not a positive integer
 */
export function resizeLinear(picture: Picture, width: number, height: number): Picture {
  checkSizes(picture, width, height)
  const columns = toTaps(picture.width, width)
  const rows = toTaps(picture.height, height)
  const rowBytes = picture.width * 3

  // Memory: one source row | column table | two rows of 16-bit sums | output.
  const table = align16(rowBytes + 16)
  const lineBytes = align16(width * 6 + 16)
  const lines = table + align16(width * 8)
  const out = lines + lineBytes * 2
  const kernels = loadResizeKernels(out + width * height * 3 + 16)
  const bytes = new Uint8Array(kernels.memory.buffer)
  const entries = new Int32Array(kernels.memory.buffer, table, width * 2)
  for (let x = 0; x < width; x++) {
    entries[x * 2] = columns.first[x]! * 3
    entries[x * 2 + 1] = (columns.second[x]! << 16) | (ONE - columns.second[x]!)
  }

  const held = [-1, -1]
  const load = (row: number): number => {
    const slot = row & 1
    const at = lines + slot * lineBytes
    if (held[slot] !== row) {
      bytes.set(picture.data.subarray(row * rowBytes, (row + 1) * rowBytes))
      kernels.linearRow(0, table, at, width)
      held[slot] = row
    }
    return at
  }
  const turns = Math.ceil((width * 3) / 8)
  for (let y = 0; y < height; y++) {
    const upper = load(rows.first[y]!)
    const weight = rows.second[y]!
    const lower = weight === 0 ? upper : load(rows.first[y]! + 1)
    kernels.linearBlend(upper, lower, ONE - weight, weight, out + y * width * 3, turns)
  }
  return { width, height, data: bytes.slice(out, out + width * height * 3) }
}

/** Per output pixel: the first of its two source pixels, and the weight of the second in 1/2048. */
export function toTaps(
  sourceSize: number,
  size: number,
): { first: Int32Array; second: Int32Array } {
  const scale = 1 / (size / sourceSize)
  const first = new Int32Array(size)
  const second = new Int32Array(size)
  for (let i = 0; i < size; i++) {
    const position = Math.fround((i + 0.5) * scale - 0.5)
    const pixel = Math.floor(position)
    if (pixel < 0) continue
    if (pixel >= sourceSize - 1) {
      first[i] = sourceSize - 1
    } else {
      first[i] = pixel
      second[i] = roundHalfEven(Math.fround(position - pixel) * ONE)
    }
  }
  return { first, second }
}

function roundHalfEven(value: number): number {
  const floor = Math.floor(value)
  const rest = value - floor
  if (rest !== 0.5) return Math.round(value)
  return floor % 2 === 0 ? floor : floor + 1
}
