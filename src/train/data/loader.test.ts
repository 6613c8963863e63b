import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { DugaError } from '../../errors.ts'
import type { PixelSpec } from '../../tensor/pixel-tensor.ts'
import { DOG_GEOMETRY } from '../augment/picture-augmentation.ts'
import { type Batch, createLoader, epochOrder, type Loader, type LoaderOptions } from './loader.ts'
import type { LoaderRow } from './prepare.ts'
import type { PictureSetup } from './prepare-picture.ts'
import type { SoundSetup } from './prepare-sound.ts'
import { readMediaFolder } from './read-media-folder.ts'

const fixture = new URL('./fixtures/count-prepare.ts', import.meta.url)
const data = new URL('../../../../shared/data/', import.meta.url).pathname

const toRows = (ids: readonly (string | number)[]): LoaderRow[] =>
  ids.map((id) => ({ id: `${id}`, path: '', contentHash: '' }))

function open(t: TestContext, options: Partial<LoaderOptions>): Loader {
  const loader = createLoader({
    rows: toRows(Array.from({ length: 50 }, (_, i) => i)),
    module: fixture,
    setup: { values: 10 },
    batchSize: 8,
    seed: 7,
    threads: 2,
    ...options,
  })
  t.after(() => loader.close())
  return loader
}

async function take(loader: Loader, from: { epoch: number; batch?: number }): Promise<Batch[]> {
  const batches: Batch[] = []
  for await (const batch of loader.batches(from)) batches.push(batch)
  return batches
}

test('every row once an epoch, in an order of its own', async (t) => {
  const loader = open(t, {})
  assert.equal(loader.batchesPerEpoch, 7)
  const batches = await take(loader, { epoch: 0 })
  const rows = batches.flatMap((batch) => batch.rows)
  assert.deepEqual(rows, epochOrder(50, 7, 0, true))
  assert.deepEqual(
    rows.toSorted((a, b) => a - b),
    [...Array(50).keys()],
  )
  assert.notDeepEqual(epochOrder(50, 7, 1, true), epochOrder(50, 7, 0, true))
  for (const { rows: own, inputs } of batches) {
    const { dims, data: values } = inputs.x!
    assert.deepEqual(dims, [own.length, 10])
    assert.deepEqual(
      own,
      own.map((_, i) => values[i * 10]),
    )
  }
})

test('threads, prefetch and where it was taken up change nothing', async (t) => {
  const alone = await take(open(t, { threads: 1, prefetch: 0 }), { epoch: 4 })
  assert.deepEqual(await take(open(t, { threads: 3, prefetch: 5 }), { epoch: 4 }), alone)
  assert.deepEqual(await take(open(t, {}), { epoch: 4, batch: 3 }), alone.slice(3))
  assert.notDeepEqual((await take(open(t, {}), { epoch: 5 }))[0], alone[0])
  const still = await take(open(t, { shuffle: false }), { epoch: 4 })
  assert.deepEqual(still[0]!.rows, [0, 1, 2, 3, 4, 5, 6, 7])
})

test('a bad row is left out of its batch and named once', async (t) => {
  const loader = open(t, {
    rows: toRows(['bad', 1, 2, 'bad too', 4]),
    batchSize: 3,
    shuffle: false,
  })
  for (const epoch of [0, 1]) {
    const batches = await take(loader, { epoch })
    assert.deepEqual(
      batches.map(({ rows }) => rows),
      [[1, 2], [4]],
    )
    assert.deepEqual(batches[1]!.inputs.x!.dims, [1, 10])
  }
  assert.deepEqual(
    loader.skipped.map(({ file }) => file),
    ['bad', 'bad too'],
  )
  assert.match(loader.skipped[0]!.reason, /it is bad/)
  const none = await take(open(t, { rows: toRows(['bad']) }), { epoch: 0 })
  assert.deepEqual(none, [{ epoch: 0, batch: 0, rows: [], inputs: {} }])
})

test('a mistake in the code ends the loading; so does a row that ends threads again and again', async (t) => {
  await assert.rejects(take(open(t, { rows: toRows(['bug']) }), { epoch: 0 }), /a mistake/)
  await assert.rejects(
    take(open(t, { rows: toRows(['deadly']) }), { epoch: 0 }),
    (error) => error instanceof DugaError && error.code === 'lane.lost',
  )
})

test('a thread that dies once is replaced and its rows are prepared again', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'duga-loader-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const rows = toRows([0, 'once1', 2, 3, 4, 5]).map((row) => ({ ...row, path: join(folder, 'x') }))
  const batches = await take(open(t, { rows, shuffle: false, batchSize: 2 }), { epoch: 0 })
  assert.deepEqual(
    batches.flatMap((batch) => batch.rows),
    [0, 1, 2, 3, 4, 5],
  )
})

test('leaving early, and a cancel, end it; what is ahead stays within its memory', async (t) => {
  const loader = open(t, { batchSize: 2, setup: { values: 1 << 16 }, memoryBytes: 1 << 21 })
  for await (const { batch } of loader.batches({ epoch: 0 })) if (batch === 2) break
  const stop = new AbortController()
  await assert.rejects(async () => {
    for await (const { batch } of loader.batches({ epoch: 1 }, stop.signal)) {
      if (batch === 1) stop.abort(new Error('cancelled'))
    }
  }, /cancelled/)
  assert.equal((await take(loader, { epoch: 2 })).length, 25)
})

test('pictures: damaged ones are left out; plain ones are as at serving; augmented ones repeat', async (t) => {
  const set = await readMediaFolder(join(data, 'digits'), { kind: 'picture' }).catch(() => null)
  if (set === null) return t.skip('shared data not present')
  const folder = mkdtempSync(join(tmpdir(), 'duga-loader-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const bytes = readFileSync(set.rows[0]!.path)
  const row = (id: string, content: Uint8Array) => {
    writeFileSync(join(folder, id), content)
    return { ...set.rows[0]!, id, path: join(folder, id) }
  }
  const rows = [...set.rows.slice(0, 11), row('changed', bytes.subarray(0, 900))]
  const pixels: PixelSpec = {
    width: 64,
    height: 64,
    implementation: 'pillow',
    filter: 'bicubic',
    centerCrop: null,
    order: 'BGR',
    layout: 'NCHW',
    scale: 1 / 255,
    offset: 0,
    mean: [0.5, 0.4, 0.3],
    std: [0.2, 0.3, 0.4],
    dtype: 'float32',
  }
  const load = async (augmentation: PictureSetup['augmentation'], threads: number) => {
    const setup: PictureSetup = { inputName: 'x', pixels, applyOrientation: false, augmentation }
    const module = new URL('./prepare-picture.ts', import.meta.url)
    const loader = open(t, { rows, module, setup, threads, shuffle: false, batchSize: 12 })
    const [batch] = await take(loader, { epoch: 3 })
    assert.deepEqual(
      loader.skipped.map(({ file }) => file),
      ['changed'],
    )
    return batch!
  }
  const plain = await load(null, 2)
  assert.deepEqual(plain.inputs.x!.dims, [11, 3, 64, 64])
  // No augmentation at all goes the long way and must come to the same.
  const long = (await load({}, 2)).inputs.x!.data as Float32Array
  const near = (value: number, i: number) => Math.abs(value - long[i]!) < 1e-5
  assert.ok((plain.inputs.x!.data as Float32Array).every(near))
  const augmented = await load({ geometry: DOG_GEOMETRY }, 2)
  assert.notDeepEqual(augmented.inputs, plain.inputs)
  assert.deepEqual(await load({ geometry: DOG_GEOMETRY }, 1), augmented)
})

test('recordings become spectrograms of one shape, whatever their length and rate', async (t) => {
  const set = await readMediaFolder(join(data, 'cough'), { kind: 'audio' }).catch(() => null)
  if (set === null) return t.skip('shared data not present')
  const rows = [0, 500, 1161, 1162, 1300].map((place) => set.rows[place]!)
  const setup: SoundSetup = {
    inputName: 'x',
    sampleRate: 16_000,
    nFft: 1024,
    hop: 512,
    mels: 64,
    maxSeconds: 10,
    frames: 96,
    standardise: true,
    layout: 'NCHW',
    augmentation: {
      crop: [1, 3],
      shift: 0.3,
      gain: 6,
      noise: { probability: 0.5, ratio: [5, 30] },
      background: { probability: 0.5, ratio: [5, 20] },
    },
    mask: { time: { count: 1, part: 0.2 }, frequency: { count: 1, part: 0.2 } },
    backgrounds: [rows[4]!.path],
  }
  const module = new URL('./prepare-sound.ts', import.meta.url)
  const [first] = await take(open(t, { rows, module, setup }), { epoch: 0 })
  assert.deepEqual(first!.inputs.x!.dims, [5, 1, 64, 96])
  assert.ok((first!.inputs.x!.data as Float32Array).every(Number.isFinite))
  const [again] = await take(open(t, { rows, module, setup, threads: 1 }), { epoch: 0 })
  assert.deepEqual(again, first)
})
