// Folders of small pictures with a rule to learn: a class has its own texture, in colours of chance.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { createRandom } from '../../src/train/random.ts'

export const CLASSES = ['checks', 'rings', 'stripes'] as const
const SIDE = 64

/** `folder/<class>/<n>.png`, `count` of each; the same for the same seed. */
export async function writeClassPictures(folder: string, count: number, seed = 1): Promise<void> {
  for (const [index, label] of CLASSES.entries()) {
    await mkdir(join(folder, label), { recursive: true })
    for (let i = 0; i < count; i++) {
      const picture = await drawPicture(label, seed * 1000 + index * 100 + i)
      await writeFile(join(folder, label, `${i}.png`), picture)
    }
  }
}

export async function drawPicture(label: (typeof CLASSES)[number], seed: number): Promise<Buffer> {
  const random = createRandom(seed)
  const [dark, light] = [random() * 80, 170 + random() * 80]
  const period = 8 + random() * 6
  const [x0, y0] = [random() * SIDE, random() * SIDE]
  const data = Buffer.alloc(SIDE * SIDE * 3)
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const on = isLight(label, (x + x0) / period, (y + y0) / period)
      for (let c = 0; c < 3; c++) {
        data[(y * SIDE + x) * 3 + c] = (on ? light : dark) + 10 * (random() - 0.5)
      }
    }
  }
  return await sharp(data, { raw: { width: SIDE, height: SIDE, channels: 3 } })
    .png()
    .toBuffer()
}

function isLight(label: (typeof CLASSES)[number], x: number, y: number): boolean {
  if (label === 'checks') return (Math.floor(x) + Math.floor(y)) % 2 === 0
  if (label === 'stripes') return Math.floor(y) % 2 === 0
  return Math.floor(Math.hypot((x % 6) - 3, (y % 6) - 3) * 1.5) % 2 === 0
}
