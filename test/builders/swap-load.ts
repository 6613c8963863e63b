// A process of its own for memory.slow.ts: swaps a large model back and forth under load and prints what it measured.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createEngine } from '../../src/engine/engine.ts'
import { buildConvModel, createNoiseService } from './bench-models.ts'
import { writeVersion } from './engine-versions.ts'

const SWAPS = 20
const folder = await mkdtemp(join(tmpdir(), 'duga-swap-'))
const inputs = [{ name: 'x', type: 'float32', shape: [null, 3, 224, 224] }] as const
const model = buildConvModel()
const versions = await Promise.all(
  ['v1.0.0', 'v1.0.1'].map((version) =>
    writeVersion(folder, { service: 'conv', version, model, inputs }),
  ),
)
const engine = createEngine({ lanes: 2, threads: 1 })
const service = createNoiseService()
await engine.load(service, versions[0]!)

let running = true
let answered = 0
let failed = 0
const client = async (seed: number) => {
  while (running) {
    await engine.predict('conv', { seed }).then(
      () => {
        answered += 1
      },
      () => {
        failed += 1
      },
    )
  }
}
const delay = monitorEventLoopDelay({ resolution: 1 })
delay.enable()
const clients = Array.from({ length: 8 }, (_, i) => client(i))
const rssMb: number[] = []
for (let i = 1; i <= SWAPS; i += 1) {
  await engine.load(service, versions[i % 2]!)
  while (answered < i * 20) await new Promise((resolve) => setTimeout(resolve, 5))
  rssMb.push(Math.round(process.memoryUsage.rss() / 1e6))
}
running = false
await Promise.all(clients)
delay.disable()
await engine.close()
await rm(folder, { recursive: true })
console.log(JSON.stringify({ rssMb, eventLoopP99Ms: delay.percentile(99) / 1e6, answered, failed }))
