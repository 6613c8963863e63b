// Five thousand files with bits flipped, bytes cut off or opcodes exchanged: each ends in a model or in an error of the table,
// in bounded time.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { loadSession, type Session } from '../../engine/runtime.ts'
import { DugaError } from '../../errors.ts'
import type { Tensors } from '../../tensor/tensor.ts'
import { convert } from './import-sklearn.ts'
import { readEstimator } from './read-estimator.ts'

interface Fixture {
  readonly cases: readonly { readonly name: string; readonly file: string }[]
}

const FILES = 5000
const LONGEST_MS = 5000

test('mutated files end in a model or a clean error', async () => {
  const bytes = gunzipSync(readFileSync(new URL('fixtures/1.7.json.gz', import.meta.url)))
  const { cases } = JSON.parse(bytes.toString()) as Fixture
  const draw = createDraw(7)
  const reasons = new Map<string, number>()
  for (let at = 0; at < FILES; at += 1) {
    const { name, file } = cases[at % cases.length]!
    const mutated = mutate(new Uint8Array(Buffer.from(file, 'base64')), draw)
    const started = performance.now()
    const outcome = await attempt(mutated)
    const took = performance.now() - started
    assert.ok(took < LONGEST_MS, `${name}: ${took} ms`)
    reasons.set(outcome, (reasons.get(outcome) ?? 0) + 1)
  }
  assert.ok((reasons.get('model.unreadable') ?? 0) > FILES / 20)
  if (process.env.DUGA_SHOW_DIFFERENCES) console.log(reasons)
})

async function attempt(file: Uint8Array): Promise<string> {
  try {
    const { graph } = await convert([readEstimator(file)])
    const session = await loadSession(graph)
    try {
      await session.run(zeros(session))
    } finally {
      await session.release()
    }
    return 'read'
  } catch (error) {
    if (error instanceof DugaError) return error.code
    // What onnxruntime refuses at run time: rows that no longer fit each other.
    if (error instanceof Error && /onnx|Non-zero status/i.test(error.message)) return 'refused'
    throw error
  }
}

/** Two rows of each input. */
function zeros({ inputs }: Session): Tensors {
  return Object.fromEntries(
    inputs.map(({ name, type, shape }) => {
      const dims = shape.map((size) => size ?? 2)
      const size = dims.reduce((all, dim) => all * dim, 1)
      const data =
        type === 'int64'
          ? new BigInt64Array(size)
          : type === 'float32'
            ? new Float32Array(size)
            : new Float64Array(size)
      return [name, { type, dims, data }]
    }),
  )
}

type Draw = (below: number) => number

function mutate(file: Uint8Array, draw: Draw): Uint8Array {
  const kind = draw(5)
  if (kind === 0) return file.subarray(0, draw(file.length))
  if (kind === 1) {
    const extra = new Uint8Array(file.length + 64)
    const at = draw(file.length)
    extra.set(file.subarray(0, at))
    extra.set(file.subarray(draw(Math.max(1, file.length - 64)), file.length).subarray(0, 64), at)
    extra.set(file.subarray(at), at + 64)
    return extra
  }
  const changes = kind === 2 ? 1 : 1 + draw(8)
  for (let change = 0; change < changes; change += 1) {
    const at = draw(file.length)
    // Opcodes of pickles: marks, memo, calls, long lengths.
    file[at] = kind === 4 ? '()}].0RbchjpqrXBe\x81\x85\x8c\x94\x95'.charCodeAt(draw(21)) : draw(256)
  }
  return file
}

/** Numerical Recipes' linear congruential generator. */
function createDraw(seed: number): Draw {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}
