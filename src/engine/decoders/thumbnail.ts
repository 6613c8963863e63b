// A small JPEG of a picture file, upright, for pages that show many.
import sharp from 'sharp'
import { decodeImage } from './image.ts'

/**
 * @param side most pixels of either side; smaller pictures keep their size
 * @throws DugaError image.unreadable, image.too-many-pixels
 */
export async function toThumbnail(bytes: Uint8Array, side: number): Promise<Buffer> {
  const { width, height, data } = await decodeImage(bytes, { applyOrientation: true })
  return await sharp(data, { raw: { width, height, channels: 3 } })
    .resize(side, side, { fit: 'inside', withoutEnlargement: true })
    .jpeg({ quality: 72 })
    .toBuffer()
}
