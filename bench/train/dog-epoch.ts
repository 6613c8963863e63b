// An epoch of contract 3's notebook: 400 pictures augmented anew, frozen ResNet50V2, a head of 51 million weights.
import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { toPixelSpec } from '../../src/engine/decoders/pixel-spec.ts'
import { moduleUrl } from '../../src/engine/service.ts'
import { DOG_GEOMETRY } from '../../src/train/augment/picture-augmentation.ts'
import { createRandom } from '../../src/train/random.ts'
import { appendHead } from '../../src/train/transfer/head.ts'
import { openNotebook } from '../../src/train/transfer/notebook.ts'
import { NOTEBOOK_RECIPE } from '../../src/train/transfer/recipe.ts'
import { createResNet50V2 } from '../../test/builders/resnet50v2.ts'
import { repeat } from './repeat.ts'

const [PICTURES, CLASSES, SIDE] = [400, 120, 224]

const folder = await mkdtemp(join(tmpdir(), 'duga-bench-dog-'))
try {
  const rows = await writePictures(PICTURES)
  const setup = {
    inputName: 'image',
    pixels: toPixelSpec({ width: SIDE, height: SIDE, scale: 1 / 255 }),
    applyOrientation: false,
  }
  const classes = Array.from({ length: CLASSES }, (_, i) => `breed ${i}`)
  const { head, learningRate } = NOTEBOOK_RECIPE
  const random = createRandom(1)
  const trainer = await openNotebook(
    appendHead(createResNet50V2(), 'features', { ...head, classes: CLASSES, random }),
    {
      ...{ rows, classes, recipe: NOTEBOOK_RECIPE, seed: 1, threads: availableParallelism() },
      inputs: {
        module: moduleUrl(import.meta.url, '../../src/train/data/prepare-picture'),
        plain: { ...setup, augmentation: null },
        augmented: { ...setup, augmentation: { geometry: DOG_GEOMETRY } },
      },
      signal: new AbortController().signal,
    },
  )
  const places = [...rows.keys()]
  const loader = trainer.load(places, true)
  let epochs = 0
  const epoch = async (): Promise<void> => {
    for await (const { feeds } of trainer.batches(loader, places, epochs++))
      await trainer.step.step(feeds, { learningRate })
  }
  await repeat(epoch, epoch)
  await loader.close()
  await trainer.release()
} finally {
  await rm(folder, { recursive: true, force: true })
}

/** Pictures that look like something: soft shapes with noise. */
async function writePictures(count: number) {
  const random = createRandom(2)
  const rows: { id: string; path: string; contentHash: string; label: string; bytes: number }[] = []
  for (let i = 0; i < count; i++) {
    const [a, b, c] = [random() / 20, random() / 20, random() * 6]
    const data = Buffer.alloc(SIDE * SIDE * 3)
    for (let at = 0; at < data.length; at++) {
      const [x, y] = [(at / 3) % SIDE, at / 3 / SIDE]
      data[at] = 128 + 90 * Math.sin(a * x + c) * Math.cos(b * y) + 20 * (random() - 0.5)
    }
    const raw = { width: SIDE, height: SIDE, channels: 3 } as const
    const file = await sharp(data, { raw }).jpeg({ quality: 90 }).toBuffer()
    const path = join(folder, `${i}.jpg`)
    await writeFile(path, file)
    const contentHash = createHash('sha256').update(file).digest('hex')
    rows.push({
      id: `${i}.jpg`,
      path,
      contentHash,
      label: `breed ${i % CLASSES}`,
      bytes: file.length,
    })
  }
  return rows.map((row) => ({ ...row, group: null }))
}
