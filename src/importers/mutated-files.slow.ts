// Files that were damaged at random: each ends in a result or in an error of the table, in bounded time and memory.
// DUGA_MUTATIONS says how many of each format; the default keeps the run short. Each test says how its files ended.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { gunzipSync, gzipSync } from 'node:zlib'
import { unzipSync, zipSync } from 'fflate'
import { readKerasCases } from '../../test/builders/keras-cases.ts'
import { DugaError } from '../errors.ts'
import { importFiles } from './import-files.ts'

const COUNT = Number(process.env.DUGA_MUTATIONS ?? 60)
/** Of formats that are read in some milliseconds. */
const QUICK_COUNT = Math.max(COUNT, 600)
const MOST_SECONDS = 60
const MOST_MEMORY = 1.5 * 1024 ** 3

const folder = mkdtempSync(join(tmpdir(), 'duga-mutated-'))
after(() => rmSync(folder, { recursive: true }))

let state = 1
/** 0 to below `limit`, by xorshift. */
function draw(limit: number): number {
  state ^= state << 13
  state ^= state >>> 17
  state ^= state << 5
  return (state >>> 0) % limit
}

function mutate(bytes: Uint8Array): Uint8Array {
  const kind = draw(5)
  if (kind === 0) return bytes.slice(0, draw(bytes.length))
  const changed = bytes.slice()
  const at = draw(changed.length)
  // Most of what matters in HDF5 stands in its first kilobytes.
  const early = draw(Math.min(changed.length, 4096))
  if (kind === 1) changed[at]! ^= 1 << draw(8)
  if (kind === 2) changed[early]! ^= 1 << draw(8)
  if (kind === 3) changed.fill(0xff, early, Math.min(changed.length, early + 1 + draw(8)))
  if (kind === 4) changed.set(changed.slice(at, at + 64), draw(Math.max(1, changed.length - 64)))
  return changed
}

class Tally {
  readonly outcomes = new Map<string, number>()
  slowest = 0
  largest = 0

  async survives(path: string): Promise<void> {
    const start = performance.now()
    let outcome = 'read'
    try {
      await importFiles([path])
    } catch (error) {
      assert.ok(error instanceof DugaError, error instanceof Error ? error.stack : String(error))
      outcome = error.code
    }
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1)
    this.slowest = Math.max(this.slowest, performance.now() - start)
    this.largest = Math.max(this.largest, process.memoryUsage.rss())
    assert.ok(this.slowest < MOST_SECONDS * 1000, 'it took too long')
    assert.ok(this.largest < MOST_MEMORY, 'it took too much memory')
  }

  tell(context: TestContext): void {
    const ends = [...this.outcomes].map(([outcome, count]) => `${outcome} ${count}`).join(', ')
    const bounds = `slowest ${Math.round(this.slowest)} ms, peak ${this.largest >> 20} MiB`
    context.diagnostic(`${ends}; ${bounds}`)
  }
}

/** One file after another, each from a copy of the next of `files`. */
async function damageAll(
  context: TestContext,
  name: string,
  files: readonly Uint8Array[],
  count: number,
  damage: (bytes: Uint8Array) => Uint8Array = mutate,
): Promise<void> {
  const tally = new Tally()
  const path = join(folder, name)
  for (let at = 0; at < count; at += 1) {
    writeFileSync(path, damage(files[at % files.length]!))
    await tally.survives(path)
  }
  tally.tell(context)
}

const cases = readKerasCases('keras')
const pick = (ending: string): Uint8Array[] =>
  ['model-nested', 'bidirectional-gru', 'attention-self', 'fold-conv2d'].map(
    (name) => cases.find(({ file }) => file === `${name}.${ending}`)!.bytes,
  )

const fixture = (path: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(path, import.meta.url)))

test(`${COUNT} damaged .h5 files`, async (context) => {
  await damageAll(context, 'model.h5', pick('h5'), COUNT)
})

test(`${COUNT} damaged .keras files, as archives and inside of them`, async (context) => {
  await damageAll(context, 'model.keras', pick('keras'), COUNT, (bytes) => {
    const inside = unzipSync(bytes)
    const name = draw(2) === 0 ? 'config.json' : 'model.weights.h5'
    const changed = { ...inside, [name]: mutate(inside[name]!) }
    return draw(2) === 0 ? mutate(bytes) : zipSync(changed)
  })
})

test(`${QUICK_COUNT} damaged TensorFlow.js models`, async (context) => {
  const archive = unzipSync(fixture('tfjs/fixtures/tfjs.zip'))
  const names = ['layers-nested', 'graph-convnet-uint8', 'layers-recurrent', 'graph-pooled']
  const tally = new Tally()
  for (let count = 0; count < QUICK_COUNT; count += 1) {
    const name = names[count % names.length]!
    const place = join(folder, name)
    mkdirSync(place, { recursive: true })
    for (const file of ['model.json', 'group1-shard1of1.bin']) {
      const bytes = archive[`${name}/${file}`]!
      writeFileSync(
        join(place, file),
        draw(4) === 0 && file !== 'model.json' ? mutate(bytes) : bytes,
      )
    }
    writeFileSync(join(place, 'model.json'), mutate(archive[`${name}/model.json`]!))
    await tally.survives(join(place, 'model.json'))
  }
  tally.tell(context)
})

test(`${QUICK_COUNT} damaged PyTorch zip checkpoints, as archives and inside of them`, async (context) => {
  const files = ['zip.pt', 'nested.pt', 'tiny-lite.pt'].map((name) =>
    fixture(`pytorch/fixtures/${name}`),
  )
  await damageAll(context, 'weights.pt', files, QUICK_COUNT, (bytes) => {
    const inside = unzipSync(bytes)
    const name = Object.keys(inside).find((entry) => entry.endsWith('data.pkl'))!
    const changed = { ...inside, [name]: mutate(inside[name]!) }
    return draw(2) === 0 ? mutate(bytes) : zipSync(changed, { level: 0 })
  })
})

test(`${QUICK_COUNT} damaged legacy PyTorch checkpoints`, async (context) => {
  const files = ['legacy.pth', 'tiny-lite.pth'].map((name) => fixture(`pytorch/fixtures/${name}`))
  await damageAll(context, 'weights.pth', files, QUICK_COUNT)
})

test(`${QUICK_COUNT} damaged safetensors`, async (context) => {
  const files = ['tiny-lite', 'halves'].map((name) =>
    fixture(`pytorch/fixtures/${name}.safetensors`),
  )
  await damageAll(context, 'weights.safetensors', files, QUICK_COUNT)
})

test(`${QUICK_COUNT} damaged scikit-learn files, as they are and compressed`, async (context) => {
  const { cases: fitted } = JSON.parse(
    gunzipSync(fixture('sklearn/fixtures/1.7.json.gz')).toString(),
  ) as { readonly cases: readonly { readonly file: string }[] }
  const files = fitted.map(({ file }) => new Uint8Array(Buffer.from(file, 'base64')))
  await damageAll(context, 'model.joblib', files, QUICK_COUNT, (bytes) =>
    draw(4) === 0 ? mutate(gzipSync(bytes)) : mutate(bytes),
  )
})

test(`${QUICK_COUNT} damaged ONNX files`, async (context) => {
  const { models } = await importFiles([
    fileURLToPath(new URL('pytorch/fixtures/tiny-lite.safetensors', import.meta.url)),
  ])
  const files = [models[0]!.graph, fixture('../../models/vibration/model.onnx')]
  await damageAll(context, 'model.onnx', files, QUICK_COUNT)
})
