// The dog trainings beside what the Python stack needs for the same (../shared/peers/train_bench.py dog: Keras 3 on 2 cores).
// Run: node bench/train-dog.ts exact [pictures] | job <folder of class folders> [--unfreeze n] [--recipe resnet50v2-notebook]
//      [--epochs n] [--cache folder]
//
// exact  an epoch of the notebook's recipe: 400 pictures augmented anew, frozen ResNet50V2, head of 51 million weights
// job    a whole training on the bundled network: time, memory, accuracy of the held-out fifth
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import sharp from 'sharp'
import { toPixelSpec } from '../src/engine/decoders/pixel-spec.ts'
import { moduleUrl } from '../src/engine/service.ts'
import { train } from '../src/services/dog/train.ts'
import { DOG_GEOMETRY } from '../src/train/augment/picture-augmentation.ts'
import { createRandom } from '../src/train/random.ts'
import { appendHead } from '../src/train/transfer/head.ts'
import { openNotebook } from '../src/train/transfer/notebook.ts'
import { NOTEBOOK_RECIPE } from '../src/train/transfer/recipe.ts'
import { createResNet50V2 } from '../test/builders/resnet50v2.ts'

// As bin/duga.js starts a training: glibc gives large blocks back.
const LIMIT = 'MALLOC_MMAP_THRESHOLD_'
if (process.platform === 'linux' && !process.env[LIMIT]) {
  process.execve!(process.execPath, [process.execPath, ...process.argv.slice(1)], {
    ...{ MALLOC_ARENA_MAX: '2', ...process.env, [LIMIT]: '262144' },
  })
}

/** Of Keras, on 2 cores: pictures a second of a later epoch, and its memory. */
const KERAS = { rate: 43, megabytes: 2700 }
const [CLASSES, SIDE, REPEATS] = [120, 224, 3]

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    unfreeze: { type: 'string' },
    recipe: { type: 'string' },
    epochs: { type: 'string' },
    cache: { type: 'string' },
    views: { type: 'string' },
  },
})
const folder = await mkdtemp(join(tmpdir(), 'duga-bench-dog-'))
try {
  if (positionals[0] === 'exact') await measureEpochs(Number(positionals[1] ?? 400))
  else if (positionals[0] === 'job') await measureJob(positionals[1]!)
  else console.error('exact or job?')
} finally {
  await rm(folder, { recursive: true, force: true })
}

async function measureEpochs(count: number): Promise<void> {
  const rows = await writePictures(count)
  const setup = {
    inputName: 'image',
    pixels: toPixelSpec({ width: SIDE, height: SIDE, scale: 1 / 255 }),
    applyOrientation: false,
  }
  const classes = Array.from({ length: CLASSES }, (_, i) => `breed ${i}`)
  const random = createRandom(1)
  const { head } = NOTEBOOK_RECIPE
  const trainer = await openNotebook(
    appendHead(createResNet50V2(), 'features', { ...head, classes: CLASSES, random }),
    {
      ...{ rows, classes, recipe: NOTEBOOK_RECIPE, seed: 1, threads: availableParallelism() },
      inputs: {
        module: moduleUrl(import.meta.url, '../src/train/data/prepare-picture'),
        plain: { ...setup, augmentation: null },
        augmented: { ...setup, augmentation: { geometry: DOG_GEOMETRY } },
      },
      signal: new AbortController().signal,
    },
  )
  const places = [...rows.keys()]
  const loader = trainer.load(places, true)
  const times: number[] = []
  let stepping = 0
  for (let epoch = 0; epoch <= REPEATS; epoch++) {
    const start = performance.now()
    for await (const { feeds } of trainer.batches(loader, places, epoch)) {
      const before = performance.now()
      await trainer.step.step(feeds, { learningRate: NOTEBOOK_RECIPE.learningRate })
      if (epoch > 0) stepping += performance.now() - before
    }
    times.push((performance.now() - start) / 1000)
  }
  await loader.close()
  await trainer.release()
  const middle = times.slice(1).toSorted((a, b) => a - b)[REPEATS >> 1]!
  const rate = count / middle
  const memory = peak()
  console.log(
    `exact recipe, epoch of ${count} pictures: ${middle.toFixed(2)} s, ${rate.toFixed(1)} pictures/s ` +
      `(${(rate / KERAS.rate).toFixed(2)} × Keras' ${KERAS.rate}); of it steps of the head ${(stepping / REPEATS / 1000).toFixed(2)} s; ` +
      `all epochs ${times.map((time) => time.toFixed(2)).join(' ')}; peak memory ${memory.toFixed(0)} MB ` +
      `(${(memory / KERAS.megabytes).toFixed(2)} × ${KERAS.megabytes})`,
  )
}

async function measureJob(data: string): Promise<void> {
  const start = performance.now()
  const number = (text: string | undefined) => (text === undefined ? undefined : Number(text))
  const { epochs, unfreeze, views } = values
  const given = { epochs: number(epochs), unfreeze: number(unfreeze), views: number(views) }
  const asked = Object.entries({ ...given, recipe: values.recipe }).filter(
    ([, value]) => value !== undefined,
  )
  let said = ''
  const { candidate, evaluation } = await train({
    ...{ version: 'v1.0.1', incumbent: null, signal: new AbortController().signal },
    ...{ checkpoints: join(folder, 'job'), cache: values.cache ?? join(folder, 'cache') },
    parameters: { ...Object.fromEntries(asked), data: resolve(data), seed: 42 } as Record<
      string,
      string | number
    >,
    progress: (_, message) => {
      if (message !== said) console.error(`${seconds(start)} s ${message}`)
      said = message
    },
  })
  const { accuracy, expected_calibration_error: error } = candidate.manifest.metrics
  const rows = evaluation?.kind === 'classification' ? evaluation.labels.length : 0
  const cpu = process.cpuUsage()
  console.log(
    `whole job: ${seconds(start)} s (processor time ${((cpu.user + cpu.system) / 1e6).toFixed(0)} s), accuracy ` +
      `${(accuracy! * 100).toFixed(2)} % of ${rows} held-out pictures, calibration error ${error!.toFixed(3)}, ` +
      `${evaluation?.history?.length} epochs, ${JSON.stringify(evaluation?.durations)}; peak memory ${peak().toFixed(0)} MB`,
  )
}

/** Pictures that look like something: soft shapes with noise. */
async function writePictures(count: number) {
  const random = createRandom(2)
  await mkdir(folder, { recursive: true })
  const rows: { id: string; path: string; contentHash: string; label: string; bytes: number }[] = []
  const { createHash } = await import('node:crypto')
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

function seconds(start: number): string {
  return ((performance.now() - start) / 1000).toFixed(1)
}

/** Megabytes of this process, threads included. */
function peak(): number {
  return process.resourceUsage().maxRSS / 1024
}
