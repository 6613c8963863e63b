// In place: the same answers as in lanes, from the same manifest; graphs without onnxruntime plugged in by the caller.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  buildPickModel,
  createTestService,
  createVersion,
  floats,
  type TestAnswer,
  type TestInput,
  toFeeds,
} from '../../test/builders/engine-versions.ts'
import type { DugaError } from '../errors.ts'
import { createEngine } from './engine.ts'
import type { OpenGraph } from './held-version.ts'

test('in place answers as a lane does, and starts no lane', async (t) => {
  const files = await createVersion(t, { factor: 4, golden: { factor: 4, tolerance: 1e-6 } })
  const inline = createEngine({ lanes: 1, threads: 1 })
  const lanes = createEngine({ lanes: 1, threads: 1 })
  t.after(() => Promise.all([inline.close(), lanes.close()]))
  await inline.load(createTestService('sum', { execution: 'inline' }), files)
  await lanes.load(createTestService('sum', { execution: 'lane' }), files)
  const input: TestInput = { values: [1, 2, 3, 4], rows: 2 }
  const both = [inline, lanes].map((engine) => engine.predict<TestInput, TestAnswer>('sum', input))
  const [a, b] = await Promise.all(both)
  assert.deepEqual(a!.answer, b!.answer)
  const feeds = toFeeds([1, 2, 3, 4], 2)
  assert.deepEqual(
    (await inline.infer('sum', feeds)).outputs,
    (await lanes.infer('sum', feeds)).outputs,
  )
  const { starting, idle, busy } = inline.status().lanes
  assert.equal(starting + idle + busy, 0)
})

test('what arrives together runs together, with the answers of each alone', async (t) => {
  const batches: number[] = []
  const events = { onBatch: (_service: string, rows: number) => batches.push(rows) }
  const engine = createEngine({ lanes: 1, threads: 1, events })
  t.after(() => engine.close())
  const files = await createVersion(t, { factor: 3, maxBatch: 8 })
  await engine.load(createTestService('sum', { execution: 'inline' }), files)
  const inputs: TestInput[] = Array.from({ length: 20 }, (_, i) => ({ values: [i, 2 * i] }))
  const predict = (input: TestInput) => engine.predict<TestInput, TestAnswer>('sum', input)
  const together = await Promise.all(inputs.map(predict))
  assert.deepEqual(batches, [8, 8, 4])
  assert.equal(together[0]!.batchSize, 8)
  for (const [i, input] of inputs.entries()) {
    assert.deepEqual((await predict(input)).answer, together[i]!.answer)
  }
})

test('in place too, one that makes its batch fail fails alone', async (t) => {
  const engine = createEngine({ lanes: 1, threads: 1 })
  t.after(() => engine.close())
  const inputs = [{ name: 'x', type: 'float32', shape: [null, 1] }] as const
  const files = await createVersion(t, { model: buildPickModel(), inputs })
  await engine.load(createTestService('sum', { execution: 'inline' }), files)
  const picks = [0, 99, 2].map((i) => engine.infer('sum', toFeeds([i])))
  const results = await Promise.allSettled(picks)
  assert.deepEqual(
    results.map((result) => result.status === 'fulfilled' && [...result.value.outputs.y!.data]),
    [[10], false, [30]],
  )
})

test('errors, cancelling and a missing model are as in lanes', async (t) => {
  const engine = createEngine({ lanes: 1, threads: 1 })
  t.after(() => engine.close())
  const isCode = (code: DugaError['code']) => (error: unknown) => (error as DugaError).code === code
  await assert.rejects(engine.predict('sum', { values: [1] }), isCode('model.missing'))
  await engine.load(createTestService('sum', { execution: 'inline' }), await createVersion(t))
  const signal = AbortSignal.abort()
  await assert.rejects(engine.predict('sum', { values: [1] }, { signal }), isCode('cancelled'))
  const invalid = { values: [1], misbehave: 'invalid' }
  await assert.rejects(engine.predict('sum', invalid), isCode('input.invalid'))
  assert.equal(engine.status().services.sum!.pending, 0)
})

test('a graph of the caller takes the place of onnxruntime, and must repeat the golden too', async (t) => {
  const open =
    (factor: number): OpenGraph =>
    (_model, manifest) =>
      manifest.service !== 'sum'
        ? null
        : {
            run: ({ x }) => {
              const { dims, data } = x!
              const [rows, width] = dims as [number, number]
              const values = Array.from({ length: rows }, (_, row) => {
                const own = [...(data as Float32Array).subarray(row * width, (row + 1) * width)]
                return [factor * own.reduce((a, b) => a + b), own[0]!]
              })
              return { y: floats([rows, 2], values.flat()) }
            },
          }
  const files = await createVersion(t, { factor: 4, golden: { factor: 4, tolerance: 1e-6 } })
  const service = createTestService('sum', { execution: 'inline' })
  const right = createEngine({ lanes: 1, threads: 1, graphs: [() => null, open(4)] })
  const wrong = createEngine({ lanes: 1, threads: 1, graphs: [open(5)] })
  t.after(() => Promise.all([right.close(), wrong.close()]))
  await right.load(service, files)
  const { answer } = await right.predict<TestInput, TestAnswer>('sum', { values: [1, 2] })
  assert.deepEqual(answer.y, [12, 1])
  await assert.rejects(
    wrong.load(service, files),
    (error: DugaError) => error.code === 'golden.mismatch',
  )
})
