// Product names: decode and inference in place against onnxruntime on the same thread, and the time of a fit.
// node bench/product.ts [rounds]
import { readFile } from 'node:fs/promises'
import { openLinearText } from '../src/engine/inline-linear.ts'
import { loadSession } from '../src/engine/runtime.ts'
import type { Manifest } from '../src/manifest.ts'
import { TFIDF_DEFAULTS } from '../src/tensor/text/tfidf.ts'
import { fitNameClassifier } from '../src/train/product/fit-classifier.ts'
import { loadEncoder, toFeeds } from '../src/train/product/load-encoder.ts'
import { PRODUCT_RECIPE } from '../src/train/product/recipe.ts'
import { decodeRows } from '../src/train/product/rows-file.ts'

const rounds = Number(process.argv[2] ?? 5)
const folder = new URL('../models/product/', import.meta.url)
const manifest = JSON.parse(await readFile(new URL('manifest.json', folder), 'utf8')) as Manifest
const file = (role: string) => readFile(new URL(manifest.files[role]!.name, folder))
const encode = await loadEncoder(manifest, file)
const rows = decodeRows(await file('rows'))
const names = rows.map(({ name }) => name)
const bytes = await file('model')
const inline = openLinearText(bytes, manifest)!
const session = await loadSession(bytes, { threads: 1 })
const feeds = names.map((name) => toFeeds(encode(name).row))

await report('decode', names.length, async () => {
  for (const name of names) toFeeds(encode(name).row)
})
await report('in place', names.length, async () => {
  for (const feed of feeds) inline.run(feed)
})
await report('onnxruntime', 2000, async () => {
  for (const feed of feeds.slice(0, 2000)) await session.run(feed)
})
const words = { ...PRODUCT_RECIPE, vectorizers: [{ ...TFIDF_DEFAULTS, maxFeatures: 15_000 }] }
for (const [what, recipe] of [
  ['fit, words and pieces', PRODUCT_RECIPE],
  ['fit, words alone', words],
] as const) {
  const times = Array.from({ length: Math.min(rounds, 3) }, () => {
    const start = performance.now()
    fitNameClassifier(rows, recipe, 42)
    return performance.now() - start
  })
  console.log(`${what.padEnd(22)} ${median(times).toFixed(0)} ms for ${rows.length} names`)
}
await session.release()

async function report(what: string, count: number, work: () => Promise<void>): Promise<void> {
  const times: number[] = []
  for (let round = 0; round < rounds; round++) {
    const start = performance.now()
    await work()
    times.push(performance.now() - start)
  }
  console.log(`${what.padEnd(22)} ${((median(times) * 1000) / count).toFixed(2)} µs a name`)
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!
}
