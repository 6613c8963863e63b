// The first frame of a GIF as Pillow shows it: transparent pixels keep their palette colour.
// (The library that decodes the other formats turns them black.) Later frames are not read.
import { DugaError } from '../../errors.ts'
import type { Picture } from '../../tensor/picture.ts'

/** @throws DugaError image.unreadable, image.too-many-pixels (before the pixels are allocated) */
export function decodeGif(bytes: Uint8Array, maxPixels: number): Picture {
  const reader = createReader(bytes)
  reader.skip(6)
  const width = reader.short()
  const height = reader.short()
  const flags = reader.byte()
  const background = reader.byte()
  reader.skip(1)
  if (width < 1 || height < 1) throw damaged()
  if (width * height > maxPixels) throw new DugaError('image.too-many-pixels', { limit: maxPixels })
  const globalPalette = flags & 0x80 ? reader.take(3 * (2 << (flags & 7))) : null
  const transparent = skipToFrame(reader)
  const left = reader.short()
  const top = reader.short()
  const frameWidth = reader.short()
  const frameHeight = reader.short()
  const frameFlags = reader.byte()
  const palette = frameFlags & 0x80 ? reader.take(3 * (2 << (frameFlags & 7))) : globalPalette
  if (frameWidth * frameHeight > maxPixels) {
    throw new DugaError('image.too-many-pixels', { limit: maxPixels })
  }
  const codeSize = reader.byte()
  const indices = decompress(codeSize, reader.blocks(), frameWidth * frameHeight)

  const data = new Uint8Array(width * height * 3)
  const colours = palette ?? greys()
  fill(data, colours, transparent ?? (globalPalette ? background : 0))
  const rows = frameFlags & 0x40 ? interlacedRows(frameHeight) : null
  for (let y = 0; y < frameHeight; y++) {
    const row = top + (rows ? rows[y]! : y)
    for (let x = 0; x < frameWidth; x++) {
      const column = left + x
      if (row >= height || column >= width) continue
      const colour = indices[y * frameWidth + x]! * 3
      data.set(colours.subarray(colour, colour + 3), (row * width + column) * 3)
    }
  }
  return { width, height, data }
}

type Reader = ReturnType<typeof createReader>

function createReader(bytes: Uint8Array) {
  let at = 0
  const take = (count: number): Uint8Array => {
    if (at + count > bytes.length) throw damaged()
    at += count
    return bytes.subarray(at - count, at)
  }
  return {
    take,
    skip: (count: number): void => {
      take(count)
    },
    byte: (): number => take(1)[0]!,
    short: (): number => {
      const [low, high] = take(2)
      return low! | (high! << 8)
    },
    /** The sub-blocks up to the empty one, joined; a file that ends without the empty one is as good. */
    blocks: (): Uint8Array => {
      const parts: Uint8Array[] = []
      while (at < bytes.length) {
        const count = take(1)[0]!
        if (count === 0) break
        parts.push(bytes.subarray(at, Math.min(at + count, bytes.length)))
        at += count
      }
      return Buffer.concat(parts)
    },
  }
}

/** Passes over extensions to just behind the first image separator. @returns the transparent index, if any */
function skipToFrame(reader: Reader): number | null {
  let transparent: number | null = null
  for (;;) {
    const kind = reader.byte()
    if (kind === 0x2c) return transparent
    if (kind !== 0x21) throw damaged()
    const isControl = reader.byte() === 0xf9
    const body = reader.blocks()
    if (isControl && body.length >= 4 && body[0]! & 1) transparent = body[3]!
  }
}

/** LZW with codes of growing width, least significant bit first. */
function decompress(codeSize: number, packed: Uint8Array, count: number): Uint8Array {
  if (codeSize < 1 || codeSize > 8) throw damaged()
  const clear = 1 << codeSize
  const prefix = new Uint16Array(4096)
  const suffix = new Uint8Array(4096)
  const length = new Uint16Array(4096)
  for (let code = 0; code < clear; code++) {
    suffix[code] = code
    length[code] = 1
  }
  const out = new Uint8Array(count)
  let [next, width, previous, bits, held, at, done] = [clear + 2, codeSize + 1, -1, 0, 0, 0, 0]
  while (done < count) {
    while (bits < width) {
      if (at >= packed.length) throw damaged()
      held |= packed[at++]! << bits
      bits += 8
    }
    const code = held & ((1 << width) - 1)
    held >>>= width
    bits -= width
    if (code === clear) {
      ;[next, width, previous] = [clear + 2, codeSize + 1, -1]
      continue
    }
    if (code === clear + 1 || code > next || (code >= clear && previous < 0)) throw damaged()
    if (code === next && next >= 4096) throw damaged()
    if (previous >= 0 && next < 4096) {
      prefix[next] = previous
      length[next] = length[previous]! + 1
      suffix[next] = firstOf(code === next ? previous : code, prefix, clear)
      next++
      if (next === 1 << width && width < 12) width++
    }
    // A string is stored back to front: its end falls where the next one begins.
    let position = done + length[code]! - 1
    for (let link = code; position >= done; link = prefix[link]!) {
      if (position < count) out[position] = suffix[link]!
      position--
    }
    done += length[code]!
    previous = code
  }
  return out
}

function firstOf(code: number, prefix: Uint16Array, clear: number): number {
  let link = code
  while (link >= clear) link = prefix[link]!
  return link
}

function interlacedRows(height: number): number[] {
  const passes = [
    [0, 8],
    [4, 8],
    [2, 4],
    [1, 2],
  ] as const
  const rows: number[] = []
  for (const [start, step] of passes) {
    for (let row = start; row < height; row += step) rows.push(row)
  }
  return rows
}

/** Where the frame leaves the screen bare. */
function fill(data: Uint8Array, palette: Uint8Array, index: number): void {
  const colour = palette.subarray(index * 3, index * 3 + 3)
  for (let at = 0; at < data.length; at += 3) data.set(colour, at)
}

function greys(): Uint8Array {
  return Uint8Array.from({ length: 768 }, (_, i) => Math.floor(i / 3))
}

function damaged(): DugaError {
  return new DugaError('image.unreadable', { reason: 'the file is damaged or cut short' })
}
