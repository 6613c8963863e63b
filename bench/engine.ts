// What the engine costs: a predict through lanes against decode + raw onnxruntime on the same machine in the same run, an
// in-place predict against the bare graph, and how the main thread's event loop fares while every lane is saturated.
// Prints JSON. Run: node bench/engine.ts
import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createEngine } from '../src/engine/engine.ts'
import { loadSession } from '../src/engine/runtime.ts'
import { buildConvModel, buildMlpModel, createNoiseService } from '../test/builders/bench-models.ts'
import { createTestService, writeVersion } from '../test/builders/engine-versions.ts'
import { decode } from '../test/builders/noise-decoder.ts'

const SIZE = 224
const folder = await mkdtemp(join(tmpdir(), 'duga-bench-'))
const cores = availableParallelism()

try {
  const lanes = await benchLanes()
  const inline = await benchInline()
  console.log(JSON.stringify({ cores, lanes, inline }, null, 2))
} finally {
  await rm(folder, { recursive: true })
}

async function benchLanes() {
  const model = buildConvModel()
  const inputs = [{ name: 'x', type: 'float32', shape: [null, 3, SIZE, SIZE] }] as const
  const files = await writeVersion(folder, { service: 'conv', model, inputs, maxBatch: 8 })
  const context = { manifest: files.manifest, run: unused, file: unused }
  const session = await loadSession(model, { threads: 1 })
  const raw = async (i: number) => {
    await session.run((await decode({ seed: i }, context)).feeds)
  }
  const rawMs = await perCall(raw, 60)
  await session.release()

  const engine = createEngine({ lanes: cores, threads: 1 })
  await engine.load(createNoiseService(), files)
  let inLaneMs = 0
  const predict = async (seed: number) => {
    const { timings } = await engine.predict('conv', { seed })
    inLaneMs += timings.decodeMs + timings.inferenceMs
  }
  const soloMs = await perCall(predict, 60)
  const outsideMs = soloMs - inLaneMs / 66
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const manyMs = await perCall(predict, 240, cores * 8)
  delay.disable()
  await engine.close()
  return {
    rawMs,
    soloMs,
    outsideLaneMs: outsideMs,
    soloOfRaw: rawMs / soloMs,
    saturatedMsPerRequest: manyMs,
    saturatedSpeedUp: rawMs / manyMs,
    eventLoopDelayMs: { p50: delay.percentile(50) / 1e6, p99: delay.percentile(99) / 1e6 },
  }
}

async function benchInline() {
  const model = buildMlpModel()
  const inputs = [{ name: 'x', type: 'float32', shape: [null, 24] }] as const
  const files = await writeVersion(folder, { service: 'mlp', model, inputs, maxBatch: 64 })
  const session = await loadSession(model, { threads: 1 })
  const values = Array.from({ length: 24 }, (_, i) => i / 24)
  const feeds = { x: { type: 'float32', dims: [1, 24], data: Float32Array.from(values) } } as const
  const bareUs = 1000 * (await perCall(() => session.run(feeds), 20_000, 64))
  await session.release()
  const engine = createEngine({ lanes: 1, threads: 1, graphs: [] })
  await engine.load(createTestService('mlp', { execution: 'inline' }), files)
  const predictUs = 1000 * (await perCall(() => engine.predict('mlp', { values }), 20_000, 64))
  await engine.close()

  const zero = { y: feeds.x }
  const empty = createEngine({ lanes: 1, threads: 1, graphs: [() => ({ run: () => zero })] })
  await empty.load(createTestService('mlp', { execution: 'inline' }), files)
  const emptyUs = 1000 * (await perCall(() => empty.predict('mlp', { values }), 50_000, 64))
  await empty.close()
  return { bareRunUs: bareUs, predictUs, overheadUs: predictUs - bareUs, emptyGraphUs: emptyUs }
}

/** Milliseconds a call, after a warm-up of a tenth. */
async function perCall(
  call: (i: number) => Promise<unknown>,
  count: number,
  concurrency = 1,
): Promise<number> {
  const round = async (total: number) => {
    let next = 0
    const client = async () => {
      while (next < total) await call(next++)
    }
    await Promise.all(Array.from({ length: concurrency }, client))
  }
  await round(Math.ceil(count / 10))
  const started = performance.now()
  await round(count)
  return (performance.now() - started) / count
}

function unused(): never {
  throw new Error('this decoder needs nothing of its context')
}
