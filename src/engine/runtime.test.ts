// The runtime alone: what graphs say of themselves, what comes back, what is refused.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildSumModel, floats, toFeeds } from '../../test/builders/engine-versions.ts'
import type { DugaError } from '../errors.ts'
import { createGraph } from '../onnx/graph.ts'
import { writeModel } from '../onnx/model.ts'
import { loadSession } from './runtime.ts'

test('a session describes its ports, runs, and gives buffers that can be transferred', async () => {
  const session = await loadSession(buildSumModel(2), { threads: 1 })
  assert.deepEqual(session.inputs, [{ name: 'x', type: 'float32', shape: [null, null] }])
  assert.deepEqual(session.outputs, [{ name: 'y', type: 'float32', shape: [null, 2] }])
  const { y } = await session.run(toFeeds([1, 2, 3, 4], 2))
  assert.deepEqual(y, floats([2, 2], [6, 1, 14, 3]))
  const buffer = y!.data.buffer as ArrayBuffer
  const moved = structuredClone(buffer, { transfer: [buffer] })
  assert.deepEqual([...new Float32Array(moved)], [6, 1, 14, 3])
  await session.release()
})

test('every tensor type of ours goes in and out unchanged', async () => {
  const samples = {
    float32: Float32Array.of(1.5),
    float64: Float64Array.of(1.5),
    int64: BigInt64Array.of(-5n),
    int32: Int32Array.of(-5),
    int16: Int16Array.of(-5),
    int8: Int8Array.of(-5),
    uint8: Uint8Array.of(5),
    uint16: Uint16Array.of(5),
    uint32: Uint32Array.of(5),
    bool: Uint8Array.of(1),
  } as const
  for (const type of Object.keys(samples) as (keyof typeof samples)[]) {
    const graph = createGraph('identity')
    graph.output(graph.input('x', type, ['N']), 'y', type, ['N'])
    const session = await loadSession(writeModel(graph.build()))
    const x = { type, dims: [1], data: samples[type] }
    assert.deepEqual((await session.run({ x })).y, x)
    await session.release()
  }
})

test("bytes that are no model are refused, with onnxruntime's reason", async () => {
  await assert.rejects(loadSession(new Uint8Array([7, 7, 7])), isCode('model.unreadable'))
  await assert.rejects(loadSession('/nowhere/model.onnx'), (error: DugaError) => {
    assert.equal(error.code, 'model.unreadable')
    assert.ok(!error.message.includes('/nowhere'))
    return true
  })
})

test('half-precision and text ports are refused by name', async () => {
  const half = createGraph('half')
  const x = half.input('x', 'float32', ['N'])
  half.output(half.node('Cast', [x], { to: 10 }), 'y', 'float32', ['N'])
  const model = half.build()
  model.graph!.output[0]!.type!.tensorType!.elemType = 10
  await assert.rejects(loadSession(writeModel(model)), (error: DugaError) => {
    assert.equal(error.code, 'model.unsupported-type')
    assert.deepEqual(error.parameters, { name: 'y', type: 'float16' })
    return true
  })
})

test('a feed that the graph refuses is an error, and the session lives on', async () => {
  const session = await loadSession(buildSumModel(2))
  await assert.rejects(session.run({}))
  await assert.rejects(session.run({ x: floats([3], [1, 2, 3]) }))
  assert.deepEqual((await session.run(toFeeds([1]))).y, floats([1, 2], [2, 1]))
  await session.release()
})

function isCode(code: DugaError['code']): (error: unknown) => boolean {
  return (error) => (error as DugaError).code === code
}
