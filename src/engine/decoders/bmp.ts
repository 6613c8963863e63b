// Windows bitmaps: 1, 4, 8, 24 and 32 bits a pixel, and 16 bits with or without masks. No run-length coding.
// (The library that decodes the other formats has no loader for them.)
import { DugaError } from '../../errors.ts'
import type { Picture } from '../../tensor/picture.ts'

interface Header {
  readonly width: number
  readonly height: number
  readonly topDown: boolean
  readonly depth: number
  readonly pixels: number
  readonly stride: number
  /** Red, green, blue; null where there is a palette. */
  readonly masks: readonly [number, number, number] | null
  readonly palette: { readonly at: number; readonly entry: number; readonly count: number }
}

/** @throws DugaError image.unreadable, image.too-many-pixels (before the pixels are allocated) */
export function decodeBmp(bytes: Uint8Array, maxPixels: number): Picture {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const header = readHeader(view, maxPixels)
  const data = new Uint8Array(header.width * header.height * 3)
  for (let y = 0; y < header.height; y++) {
    const row = header.pixels + (header.topDown ? y : header.height - 1 - y) * header.stride
    const to = y * header.width * 3
    if (header.masks === null) readIndexedRow(view, header, row, data, to)
    else readColourRow(view, header, header.masks, row, data, to)
  }
  return { width: header.width, height: header.height, data }
}

function readHeader(view: DataView, maxPixels: number): Header {
  if (view.byteLength < 26) throw damaged()
  const size = view.getUint32(14, true)
  const old = size === 12
  if (!old && view.byteLength < 54) throw damaged()
  const width = old ? view.getUint16(18, true) : view.getInt32(18, true)
  const signedHeight = old ? view.getUint16(20, true) : view.getInt32(22, true)
  const height = Math.abs(signedHeight)
  const depth = view.getUint16(old ? 24 : 28, true)
  const compression = old ? 0 : view.getUint32(30, true)
  if (width < 1 || height < 1) throw damaged()
  if (width * height > maxPixels) throw new DugaError('image.too-many-pixels', { limit: maxPixels })
  const masked = compression === 3 && (depth === 16 || depth === 32)
  if (![1, 4, 8, 16, 24, 32].includes(depth) || !(compression === 0 || masked)) {
    throw new DugaError('image.unreadable', { reason: 'a compressed BMP is not supported' })
  }
  const pixels = view.getUint32(10, true)
  const stride = Math.ceil((width * depth) / 32) * 4
  if (pixels + stride * height > view.byteLength) throw damaged()
  if (masked && view.byteLength < 66) throw damaged()
  const entry = old ? 3 : 4
  const at = 14 + size
  const used = old ? 0 : view.getUint32(46, true)
  const count = Math.min(used || 1 << depth, 1 << depth, Math.floor((view.byteLength - at) / entry))
  const masks = depth <= 8 ? null : masked ? readMasks(view) : defaultMasks(depth)
  const topDown = signedHeight < 0
  return { width, height, topDown, depth, pixels, stride, masks, palette: { at, entry, count } }
}

function readMasks(view: DataView): [number, number, number] {
  return [view.getUint32(54, true), view.getUint32(58, true), view.getUint32(62, true)]
}

function defaultMasks(depth: number): [number, number, number] {
  return depth === 16 ? [0x7c00, 0x3e0, 0x1f] : [0xff0000, 0xff00, 0xff]
}

function readIndexedRow(
  view: DataView,
  { width, depth, palette }: Header,
  row: number,
  data: Uint8Array,
  to: number,
): void {
  const mask = (1 << depth) - 1
  for (let x = 0; x < width; x++) {
    const bit = x * depth
    const index = (view.getUint8(row + (bit >> 3)) >> (8 - depth - (bit & 7))) & mask
    if (index >= palette.count) throw damaged()
    const entry = palette.at + index * palette.entry
    data[to + x * 3] = view.getUint8(entry + 2)
    data[to + x * 3 + 1] = view.getUint8(entry + 1)
    data[to + x * 3 + 2] = view.getUint8(entry)
  }
}

function readColourRow(
  view: DataView,
  { width, depth }: Header,
  masks: readonly [number, number, number],
  row: number,
  data: Uint8Array,
  to: number,
): void {
  const fields = masks.map(toField)
  for (let x = 0; x < width; x++) {
    const at = row + (x * depth) / 8
    const pixel = readPixel(view, at, depth)
    for (let channel = 0; channel < 3; channel++) {
      const { shift, most } = fields[channel]!
      const value = (pixel >>> shift) & most
      data[to + x * 3 + channel] = most === 0 ? 0 : Math.trunc((value * 255) / most)
    }
  }
}

function readPixel(view: DataView, at: number, depth: number): number {
  if (depth === 16) return view.getUint16(at, true)
  if (depth === 32) return view.getUint32(at, true)
  return view.getUint16(at, true) | (view.getUint8(at + 2) << 16)
}

function toField(mask: number): { shift: number; most: number } {
  const shift = mask === 0 ? 0 : 31 - Math.clz32(mask & -mask)
  return { shift, most: mask >>> shift }
}

function damaged(): DugaError {
  return new DugaError('image.unreadable', { reason: 'the file is damaged or cut short' })
}
