// Files that were damaged at random: each ends in a result or in an error of the table, in bounded time and memory.
// DUGA_MUTATIONS says how many of each format; the default keeps the run short.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { unzipSync, zipSync } from 'fflate'
import { readKerasCases } from '../../test/builders/keras-cases.ts'
import { DugaError } from '../errors.ts'
import { importFiles } from './import-files.ts'

const COUNT = Number(process.env.DUGA_MUTATIONS ?? 60)
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
  if (kind === 3) changed.fill(0xff, early, early + 1 + draw(8))
  if (kind === 4) changed.set(changed.slice(at, at + 64), draw(Math.max(1, changed.length - 64)))
  return changed
}

async function survives(path: string): Promise<void> {
  const start = performance.now()
  try {
    await importFiles([path])
  } catch (error) {
    assert.ok(error instanceof DugaError, error instanceof Error ? error.stack : String(error))
  }
  assert.ok(performance.now() - start < MOST_SECONDS * 1000, 'it took too long')
  assert.ok(process.memoryUsage.rss() < MOST_MEMORY, 'it took too much memory')
}

const cases = readKerasCases('keras')
const pick = (ending: string): Uint8Array[] =>
  ['model-nested', 'bidirectional-gru', 'attention-self', 'fold-conv2d'].map(
    (name) => cases.find(({ file }) => file === `${name}.${ending}`)!.bytes,
  )

test(`${COUNT} damaged .h5 files`, async () => {
  const files = pick('h5')
  for (let count = 0; count < COUNT; count += 1) {
    const path = join(folder, 'model.h5')
    writeFileSync(path, mutate(files[count % files.length]!))
    await survives(path)
  }
})

test(`${COUNT} damaged .keras files, as archives and inside of them`, async () => {
  const files = pick('keras')
  for (let count = 0; count < COUNT; count += 1) {
    const path = join(folder, 'model.keras')
    const bytes = files[count % files.length]!
    const inside = unzipSync(bytes)
    const name = draw(2) === 0 ? 'config.json' : 'model.weights.h5'
    const changed = { ...inside, [name]: mutate(inside[name]!) }
    writeFileSync(path, draw(2) === 0 ? mutate(bytes) : zipSync(changed))
    await survives(path)
  }
})

test(`${COUNT * 10} damaged TensorFlow.js models`, async () => {
  const archive = unzipSync(readFileSync(new URL('tfjs/fixtures/tfjs.zip', import.meta.url)))
  const names = ['layers-nested', 'graph-convnet-uint8', 'layers-recurrent', 'graph-pooled']
  for (let count = 0; count < COUNT * 10; count += 1) {
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
    await survives(join(place, 'model.json'))
  }
})
