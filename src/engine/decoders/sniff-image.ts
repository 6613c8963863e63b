// Which picture format a file's first bytes announce. Says nothing about whether the rest can be decoded.

export type ImageType = 'jpeg' | 'png' | 'webp' | 'gif' | 'bmp' | 'tiff' | 'avif'

/** Enough of a file for {@link sniffImage}. */
export const IMAGE_HEAD_BYTES = 32

/** The format of a file by its first 32 (or more) bytes; null for anything else, SVG, PDF and HEIC included. */
export function sniffImage(head: Uint8Array): ImageType | null {
  const text = Buffer.from(
    head.buffer,
    head.byteOffset,
    Math.min(head.length, IMAGE_HEAD_BYTES),
  ).toString('latin1')
  if (text.startsWith('\xff\xd8\xff')) return 'jpeg'
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return 'png'
  if (text.startsWith('GIF87a') || text.startsWith('GIF89a')) return 'gif'
  if (text.startsWith('RIFF') && text.slice(8, 12) === 'WEBP') return 'webp'
  if (text.startsWith('II*\0') || text.startsWith('MM\0*')) return 'tiff'
  if (text.slice(4, 8) === 'ftyp' && /^avi[fs]/.test(text.slice(8, 12))) return 'avif'
  if (text.startsWith('BM') && BMP_HEADERS.has(text.charCodeAt(14)) && text.charCodeAt(15) === 0) {
    return 'bmp'
  }
  return null
}

const BMP_HEADERS: ReadonlySet<number> = new Set([12, 40, 52, 56, 64, 108, 124])
