// What the face service costs beside its two graphs: decode + detect + crop + resize + classify through a lane, against
// sharp's decode and raw onnxruntime on the same tensors, at one thread each, taken in turns. Prints JSON.
// Run: node bench/face.ts [picture …]
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { createEngine } from '../src/engine/engine.ts'
import { loadSession } from '../src/engine/runtime.ts'
import type { DecodeContext } from '../src/engine/service.ts'
import type { Manifest } from '../src/manifest.ts'
import { decode } from '../src/services/face/decode.ts'
import { defineFace } from '../src/services/face/index.ts'
import type { Tensors } from '../src/tensor/tensor.ts'

const [WARM_UPS, ROUNDS] = [10, 60]
const fixture = (name: string) =>
  fileURLToPath(new URL(`../src/services/face/fixtures/${name}.jpg`, import.meta.url))
const example = fileURLToPath(new URL('../examples/face.jpg', import.meta.url))
const named = process.argv.slice(2)
const pictures = named.length > 0 ? named : [example, fixture('near'), fixture('two')]

const folder = new URL('../models/face/', import.meta.url)
const manifest: Manifest = JSON.parse(await readFile(new URL('manifest.json', folder), 'utf8'))
const paths = Object.fromEntries(
  Object.entries(manifest.files).map(([role, { name }]) => [
    role,
    fileURLToPath(new URL(name, folder)),
  ]),
)
const engine = createEngine({ lanes: 1, threads: 1 })
await engine.load(defineFace(), { manifest, paths })
const detector = await loadSession(await readFile(paths.detector!), { threads: 1 })
const classifier = await loadSession(await readFile(paths.model!), { threads: 1 })

for (const picture of pictures) {
  const bytes = new Uint8Array(await readFile(picture))
  // The graphs take longer on some levels than on others: both sides get the same.
  let seen: Tensors = {}
  const context: DecodeContext = {
    manifest,
    run: (_role, feeds) => {
      seen = feeds
      return detector.run(feeds)
    },
    file: () => Promise.reject(new Error('face has no data files')),
  }
  const { rows, feeds } = await decode(bytes, context)
  const raw = async (): Promise<void> => {
    await sharp(bytes).autoOrient().removeAlpha().raw().toBuffer()
    await detector.run(seen)
    await classifier.run(feeds)
  }
  const ours = async (): Promise<void> => {
    await engine.predict('face', bytes)
  }
  const [rawMs = 0, oursMs = 0] = await inTurns(raw, ours)
  const ratio = rawMs / oursMs
  console.log(
    JSON.stringify({
      picture: basename(picture),
      rows,
      rawMs: round(rawMs),
      oursMs: round(oursMs),
      ratio: round(ratio),
    }),
  )
}
await Promise.all([detector.release(), classifier.release(), engine.close()])

/** Median times of both in milliseconds. */
async function inTurns(...runs: (() => Promise<void>)[]): Promise<number[]> {
  const times = runs.map((): number[] => [])
  for (let round = -WARM_UPS; round < ROUNDS; round += 1) {
    for (const [i, run] of runs.entries()) {
      const start = performance.now()
      await run()
      if (round >= 0) times[i]!.push(performance.now() - start)
    }
  }
  return times.map((each) => each.toSorted((a, b) => a - b)[ROUNDS >> 1]!)
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
