// The engine as its callers see it, on real worker threads: answers, errors, bounds, deadlines.
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import {
  buildPickModel,
  buildSumModel,
  createTestService,
  createVersion,
  type TestAnswer,
  type TestInput,
  toFeeds,
} from '../../test/builders/engine-versions.ts'
import type { DugaError, ERRORS } from '../errors.ts'
import { createEngine, type EngineOptions } from './engine.ts'

const service = createTestService()

function engineFor(t: TestContext, options: Partial<EngineOptions> = {}) {
  const engine = createEngine({ lanes: 2, threads: 1, ...options })
  t.after(() => engine.close())
  return {
    engine,
    ask: (input: TestInput, call = {}) => engine.predict<TestInput, TestAnswer>('sum', input, call),
  }
}

const code = (wanted: keyof typeof ERRORS) => (error: unknown) => {
  assert.equal((error as DugaError).code, wanted)
  return true
}

test('a prediction decodes, runs and answers, with its timings', async (t) => {
  const stages: string[] = []
  const { engine, ask } = engineFor(t, {
    events: { onStage: (name, stage, ms) => ms >= 0 && stages.push(`${name} ${stage}`) },
  })
  await engine.load(service, await createVersion(t, { factor: 3 }))
  const { answer, manifest, timings, batchSize } = await ask({ values: [1, 2, 4] })
  assert.deepEqual(answer.y, [21, 1])
  assert.equal(answer.version, 'v1.0.0')
  assert.equal(manifest.version, 'v1.0.0')
  assert.equal(batchSize, 1)
  assert.ok(timings.decodeMs > 0 && timings.inferenceMs > 0 && timings.queueMs >= 0)
  assert.deepEqual(stages, ['sum queue', 'sum decode', 'sum inference'])
  assert.deepEqual(engine.status().services, { sum: { version: 'v1.0.0', pending: 0 } })
})

test('an input of several rows gets all of them, also more than fit a batch', async (t) => {
  const { engine, ask } = engineFor(t)
  await engine.load(service, await createVersion(t, { factor: 1, maxBatch: 4 }))
  const values = Array.from({ length: 10 }, (_, i) => i)
  const { answer } = await ask({ values, rows: 10 })
  assert.deepEqual(
    answer.y,
    values.flatMap((v) => [v, v]),
  )
})

test('a file is read by the lane from its path, or given as bytes', async (t) => {
  const { engine } = engineFor(t)
  const files = await createVersion(t)
  await engine.load(createTestService('sum', { input: 'file' }), files)
  const path = join(dirname(files.paths.model!), 'input.json')
  const bytes = new TextEncoder().encode('{"values":[1,2]}')
  await writeFile(path, bytes)
  const fromPath = await engine.predict<unknown, TestAnswer>('sum', { path })
  const fromBytes = await engine.predict<unknown, TestAnswer>('sum', bytes)
  assert.deepEqual(
    [fromPath.answer.y, fromBytes.answer.y],
    [
      [6, 1],
      [6, 1],
    ],
  )
  assert.equal(bytes.length, 16, 'the caller keeps its bytes')
})

test('decode runs other graphs of the version and reads its data files', async (t) => {
  const { engine, ask } = engineFor(t)
  const notes = { name: 'notes.txt', bytes: new TextEncoder().encode('hello') }
  const detector = { name: 'detector.onnx', bytes: buildSumModel(100) }
  await engine.load(service, await createVersion(t, { extraFiles: { notes, detector } }))
  const { answer } = await ask({ values: [1, 2] })
  assert.deepEqual(answer.extra, { detected: [300, 1], notes: 'hello' })
})

test('errors of decode come through: ours with code, others with message and cause', async (t) => {
  const { engine, ask } = engineFor(t)
  await engine.load(service, await createVersion(t))
  await assert.rejects(ask({ values: [1], misbehave: 'invalid' }), (error: DugaError) => {
    assert.deepEqual(
      [error.code, error.status, error.parameters.reason],
      ['input.invalid', 422, 'asked for'],
    )
    return true
  })
  await assert.rejects(ask({ values: [1], misbehave: 'throw' }), (error: Error) => {
    assert.equal(error.message, 'the decoder threw')
    assert.equal((error.cause as Error).message, 'its cause')
    return true
  })
  await assert.rejects(ask({ values: [1], misbehave: 'uncloneable' }), /could not be cloned/)
  await assert.rejects(ask({ values: [1, 2], rows: 0 }), /decode said 0 rows/)
  assert.equal(engine.status().lanes.lost, 0)
})

test('without a model: model.missing; after unload too', async (t) => {
  const { engine, ask } = engineFor(t)
  await assert.rejects(ask({ values: [1] }), code('model.missing'))
  await engine.load(service, await createVersion(t))
  await ask({ values: [1] })
  await engine.unload('sum')
  assert.equal(engine.active('sum'), null)
  await assert.rejects(ask({ values: [1] }), code('model.missing'))
})

test('raw tensors are checked against the manifest and run without decode', async (t) => {
  const { engine } = engineFor(t)
  await engine.load(service, await createVersion(t))
  const feeds = toFeeds([1, 2, 3, 4], 2)
  const { outputs } = await engine.infer('sum', feeds)
  assert.deepEqual([...(outputs.y!.data as Float32Array)], [6, 1, 14, 3])
  assert.equal(feeds.x!.data.length, 4, 'the caller keeps its tensors')
  const x = feeds.x!
  const bad = [
    {},
    { x, z: x },
    { x: { ...x, type: 'float64' as const } },
    { x: { ...x, dims: [4] } },
    { x: { ...x, dims: [0, 4] } },
    { x: { ...x, dims: [2, 3] } },
  ]
  for (const wrong of bad) await assert.rejects(engine.infer('sum', wrong), code('input.invalid'))
})

test('an item that makes the batch fail, fails alone', async (t) => {
  const batches: number[] = []
  const { engine } = engineFor(t, {
    lanes: 1,
    events: { onBatch: (_service, rows) => batches.push(rows) },
  })
  const inputs = [{ name: 'x', type: 'float32', shape: [null, 1] }] as const
  await engine.load(service, await createVersion(t, { model: buildPickModel(), inputs }))
  const picks = [0, 99, 2, 1]
  const results = await Promise.allSettled(picks.map((i) => engine.infer('sum', toFeeds([i]))))
  assert.deepEqual(batches, [4], 'they shared a batch')
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled', 'fulfilled'],
  )
  const values = results.flatMap((result) =>
    result.status === 'fulfilled' ? [...(result.value.outputs.y!.data as Float32Array)] : [],
  )
  assert.deepEqual(values, [10, 30, 20])
})

test('a full queue answers overloaded with a time to come back', async (t) => {
  const { engine, ask } = engineFor(t, { lanes: 1, queueLimit: 3 })
  await engine.load(service, await createVersion(t))
  const gate = new SharedArrayBuffer(4)
  const held = [1, 2, 3].map(() => ask({ values: [1], gate }))
  await assert.rejects(ask({ values: [1] }), (error: DugaError) => {
    assert.equal(error.code, 'overloaded')
    assert.ok(error.retryAfter! >= 1)
    return true
  })
  open(gate)
  assert.equal((await Promise.all(held)).length, 3)
  await ask({ values: [1] })
})

test('what is cancelled or expires in the queue is told at once and never reaches a lane', async (t) => {
  const { engine, ask } = engineFor(t, { lanes: 1 })
  await engine.load(service, await createVersion(t))
  const gate = new SharedArrayBuffer(4)
  const counter = new SharedArrayBuffer(4)
  const first = ask({ values: [1], gate })
  const client = new AbortController()
  const cancelled = ask({ values: [2], counter }, { signal: client.signal })
  const expired = ask({ values: [3], counter }, { deadlineMs: 5 })
  client.abort()
  await assert.rejects(cancelled, code('cancelled'))
  await assert.rejects(expired, code('deadline.exceeded'))
  await assert.rejects(ask({ values: [4], counter }, { signal: client.signal }), code('cancelled'))
  open(gate)
  await first
  await ask({ values: [5], counter })
  assert.equal(new Int32Array(counter)[0], 1, 'only the last one was decoded')
})

test('what is cancelled between decode and run is not run', async (t) => {
  const batches: number[] = []
  const { engine, ask } = engineFor(t, {
    lanes: 1,
    events: { onBatch: (_service, rows) => batches.push(rows) },
  })
  await engine.load(service, await createVersion(t))
  const gate = new SharedArrayBuffer(4)
  const client = new AbortController()
  const decoding = ask({ values: [1], gate }, { signal: client.signal })
  client.abort()
  await assert.rejects(decoding, code('cancelled'))
  open(gate)
  await ask({ values: [2] })
  assert.deepEqual(batches, [1])
})

test('closing finishes what is under way and refuses what comes', async (t) => {
  const { engine, ask } = engineFor(t)
  await engine.load(service, await createVersion(t))
  const under = [1, 2, 3, 4].map((v) => ask({ values: [v] }))
  const closed = engine.close()
  await assert.rejects(ask({ values: [1] }), code('server.closing'))
  assert.deepEqual(
    (await Promise.all(under)).map(({ answer }) => answer.y[0]),
    [2, 4, 6, 8],
  )
  await closed
})

function open(gate: SharedArrayBuffer): void {
  Atomics.store(new Int32Array(gate), 0, 1)
  Atomics.notify(new Int32Array(gate), 0)
}
