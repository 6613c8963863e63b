// A picture file as RGB, as Pillow's Image.open(…).convert('RGB') gives it: colour profiles ignored, alpha dropped.
// Only what sniffImage names is ever handed to a decoder: no SVG, no PDF, no format by file name.
import sharp, { type Sharp } from 'sharp'
import { DugaError } from '../../errors.ts'
import type { Picture } from '../../tensor/picture.ts'
import { decodeBmp } from './bmp.ts'
import { decodeGif } from './gif.ts'
import { SHUT_LOADERS } from './shut-loaders.ts'
import { type ImageType, sniffImage } from './sniff-image.ts'

// One thread a picture: lanes are the parallelism.
sharp.concurrency(1)
sharp.cache(false)
sharp.block({ operation: SHUT_LOADERS.map((name) => `VipsForeignLoad${name}`) })

export const DEFAULT_MAX_PIXELS = 50_000_000
const TIMEOUT_SECONDS = 30

export interface DecodeImageOptions {
  /** Turn the picture upright as its EXIF orientation says (OpenCV does, Pillow does not). Default: false. */
  readonly applyOrientation?: boolean
  /** Width × height that is still decoded. */
  readonly maxPixels?: number
}

/**
 * The first frame of a JPEG, PNG, WebP, GIF, BMP, TIFF or AVIF file.
 * Sixteen-bit colour keeps its high byte; 16-bit grey is cut off at 255, as Pillow does it.
 * @throws DugaError image.unreadable, image.too-many-pixels (before the pixels are allocated)
 */
export async function decodeImage(
  bytes: Uint8Array,
  { applyOrientation = false, maxPixels = DEFAULT_MAX_PIXELS }: DecodeImageOptions = {},
): Promise<Picture> {
  const type = sniffImage(bytes)
  if (type === null) {
    const reason =
      bytes.length === 0 ? 'the file is empty' : 'its first bytes are of no known format'
    throw new DugaError('image.unreadable', { reason })
  }
  if (type === 'bmp') return decodeBmp(bytes, maxPixels)
  if (type === 'gif') return decodeGif(bytes, maxPixels)
  try {
    return await decodeWithSharp(bytes, type, applyOrientation, maxPixels)
  } catch (cause) {
    throw toDugaError(cause, maxPixels)
  }
}

async function decodeWithSharp(
  bytes: Uint8Array,
  type: ImageType,
  applyOrientation: boolean,
  maxPixels: number,
): Promise<Picture> {
  const options = { failOn: 'error', ignoreIcc: true, limitInputPixels: maxPixels } as const
  let image = sharp(bytes, options).timeout({ seconds: TIMEOUT_SECONDS })
  if (applyOrientation) image = image.autoOrient()
  if (type === 'jpeg' && jpegComponents(bytes) === 4) return decodeCmyk(image)
  if (type === 'png' && bytes[24] === 16 && bytes[25] === 0) return decodeGrey16(image)
  const { data, info } = await image
    .toColourspace('srgb')
    .removeAlpha()
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
  if (info.channels !== 3) throw new Error(`${info.channels} channels`)
  return { width: info.width, height: info.height, data }
}

/** Pillow's own conversion: no colour management. */
async function decodeCmyk(image: Sharp): Promise<Picture> {
  const { data, info } = await image
    .pipelineColourspace('cmyk')
    .toColourspace('cmyk')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
  if (info.channels !== 4) throw new Error(`${info.channels} channels`)
  const rgb = new Uint8Array(info.width * info.height * 3)
  for (let from = 0, to = 0; to < rgb.length; from += 4, to += 3) {
    const white = 255 - data[from + 3]!
    for (let channel = 0; channel < 3; channel++) {
      const product = data[from + channel]! * white + 128
      rgb[to + channel] = Math.max(white - (((product >> 8) + product) >> 8), 0)
    }
  }
  return { width: info.width, height: info.height, data: rgb }
}

async function decodeGrey16(image: Sharp): Promise<Picture> {
  const { data, info } = await image
    .toColourspace('grey16')
    .raw({ depth: 'ushort' })
    .toBuffer({ resolveWithObject: true })
  const rgb = new Uint8Array(info.width * info.height * 3)
  const step = info.channels * 2
  for (let from = 0, to = 0; to < rgb.length; from += step, to += 3) {
    rgb.fill(Math.min(data.readUInt16LE(from), 255), to, to + 3)
  }
  return { width: info.width, height: info.height, data: rgb }
}

/** The number of colour components in a JPEG's frame header; 0 where there is none. */
function jpegComponents(bytes: Uint8Array): number {
  let at = 2
  while (at + 9 < bytes.length) {
    if (bytes[at] !== 0xff) return 0
    const marker = bytes[at + 1]!
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)
    if (isFrame) return bytes[at + 9]!
    const bare = marker === 0xff || marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)
    if (bare) at += marker === 0xff ? 1 : 2
    else at += 2 + bytes[at + 2]! * 256 + bytes[at + 3]!
  }
  return 0
}

function toDugaError(cause: unknown, limit: number): DugaError {
  const message = cause instanceof Error ? cause.message : ''
  if (message.includes('pixel limit')) {
    return new DugaError('image.too-many-pixels', { limit }, { cause })
  }
  const reason = message.includes('timeout')
    ? 'it takes too long to decode'
    : 'the file is damaged or cut short'
  return new DugaError('image.unreadable', { reason }, { cause })
}
