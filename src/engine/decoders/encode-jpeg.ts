// A picture as JPEG, for augmentation and reports. One thread, the same bytes each time.
import sharp from 'sharp'
import type { Picture } from '../../tensor/picture.ts'

/** @param quality 1 to 100; colour at half resolution, as cameras and messengers have it */
export async function encodeJpeg(
  { width, height, data }: Picture,
  quality: number,
): Promise<Buffer> {
  return await sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality, chromaSubsampling: '4:2:0' })
    .toBuffer()
}
