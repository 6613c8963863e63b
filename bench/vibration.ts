// What a vibration request costs, part by part, and as a whole against a Fastify echo of the same body. No sockets: both
// are injected, so that the difference is the service. Run: node bench/vibration.ts
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Ajv from 'ajv'
import Fastify, { type FastifyInstance } from 'fastify'
import type { DecodeContext } from '../src/engine/service.ts'
import type { Manifest } from '../src/manifest.ts'
import { decode } from '../src/services/vibration/decode.ts'
import { toWindow, type VibrationInput } from '../src/services/vibration/input.ts'
import { toPlotRecord } from '../src/services/vibration/plot-record.ts'
import { BATCH_SCHEMA } from '../src/services/vibration/schema.ts'
import { toVibrationSpec } from '../src/services/vibration/spec.ts'
import { update } from '../src/tensor/dynamic-threshold.ts'
import { windowFeatures } from '../src/tensor/window-statistics.ts'
import { createVibrationApp } from '../test/builders/vibration-app.ts'
import { buildVibrationModel } from '../test/builders/vibration-model.ts'
import { createBatch, createWindows } from '../test/builders/vibration-windows.ts'

const CALLS = 20_000
const AT_ONCE = 64

const candidate = buildVibrationModel()
const manifest = { ...candidate.manifest, version: 'v1.0.0' } as unknown as Manifest
const context = { manifest } as DecodeContext
const next = createWindows()
const bodies: VibrationInput[] = Array.from({ length: 64 }, (_, i) => ({
  data: next(),
  device_id: `fan-${i % 8}`,
}))
const texts = bodies.map((body) => JSON.stringify(body))
const validate = new Ajv.Ajv({ strict: true, allowUnionTypes: true }).compile(BATCH_SCHEMA)
const spec = toVibrationSpec(manifest)
let state = spec.initial

await part('JSON.parse', (i) => JSON.parse(texts[i % 64]!))
await part('validation', (i) => validate(bodies[i % 64]))
await part('features', (i) => windowFeatures(toWindow(bodies[i % 64]!.data)))
await part('decode (features, scaler, float32)', (i) => decode(bodies[i % 64]!, context))
await part('threshold', (i) => {
  state = update(state, 0.5 + (i % 100) / 400, spec).state
})
const buffered = bodies.slice(0, 5).map(({ data }) => ({ data, answer: {} as never }))
await part('plot record (one answer of five)', () => JSON.stringify(toPlotRecord(buffered)))

const home = await mkdtemp(join(tmpdir(), 'duga-bench-'))
const vibration = await createVibrationApp(home)
const echo = Fastify()
echo.post('/infer', (request) => request.body)
try {
  await vibration.load(candidate)
  await warm()
  const ratios: number[] = []
  for (let round = 0; round < 5; round++) {
    const bare = await perRequest(echo, 4000)
    const whole = await perRequest(vibration.app, 4000)
    ratios.push(bare / whole)
    console.log(
      `echo ${bare.toFixed(1)} µs, infer ${whole.toFixed(1)} µs, ratio ${(bare / whole).toFixed(2)}`,
    )
  }
  ratios.sort((a, b) => a - b)
  console.log(`infer at ${ratios[2]!.toFixed(2)} of the echo (injected, ${AT_ONCE} at once)`)
} finally {
  await vibration.close()
  await echo.close()
  await rm(home, { recursive: true })
}

async function warm(): Promise<void> {
  await perRequest(echo, 4000)
  await perRequest(vibration.app, 4000)
  const reply = await vibration.app.inject({
    method: 'POST',
    url: '/infer',
    payload: createBatch(),
  })
  if (reply.statusCode !== 200) throw new Error(reply.body)
}

async function perRequest(app: FastifyInstance, requests: number): Promise<number> {
  let sent = 0
  const headers = { 'content-type': 'application/json' }
  const caller = async () => {
    while (sent < requests) {
      sent += 1
      await app.inject({ method: 'POST', url: '/infer', headers, payload: texts[sent % 64]! })
    }
  }
  const began = performance.now()
  await Promise.all(Array.from({ length: AT_ONCE }, caller))
  return ((performance.now() - began) / requests) * 1000
}

async function part(name: string, run: (i: number) => unknown): Promise<void> {
  for (let i = 0; i < CALLS / 4; i++) await run(i)
  const began = performance.now()
  for (let i = 0; i < CALLS; i++) await run(i)
  const micros = ((performance.now() - began) / CALLS) * 1000
  console.log(`${name.padEnd(36)} ${micros.toFixed(2)} µs`)
}
