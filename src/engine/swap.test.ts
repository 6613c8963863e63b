// Versions: swapped under load, refused by their golden, two at once.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import {
  createTestService,
  createVersion,
  type TestAnswer,
  type TestInput,
} from '../../test/builders/engine-versions.ts'
import type { DugaError } from '../errors.ts'
import { createEngine } from './engine.ts'

const service = createTestService()

function engineFor(t: TestContext) {
  const engine = createEngine({ lanes: 2, threads: 1 })
  t.after(() => engine.close())
  const ask = (values: readonly number[]) =>
    engine.predict<TestInput, TestAnswer>('sum', { values })
  return { engine, ask }
}

test('swapping back and forth under load loses none of 1000 requests and mixes no versions', async (t) => {
  const { engine, ask } = engineFor(t)
  const one = await createVersion(t, { version: 'v1.0.0', factor: 1 })
  const two = await createVersion(t, { version: 'v2.0.0', factor: 1000 })
  await engine.load(service, one)
  let next = 0
  const seen = new Map<string, number>()
  const client = async () => {
    while (next < 1000) {
      const value = next++
      const { answer } = await ask([value])
      assert.equal(answer.y[0], value * (answer.version === 'v1.0.0' ? 1 : 1000))
      seen.set(answer.version, (seen.get(answer.version) ?? 0) + 1)
    }
  }
  const swapper = async () => {
    for (let i = 0; next < 1000; i += 1) await engine.load(service, i % 2 === 0 ? two : one)
  }
  await Promise.all([swapper(), ...Array.from({ length: 32 }, client)])
  assert.equal(
    [...seen.values()].reduce((a, b) => a + b),
    1000,
  )
  assert.equal(seen.size, 2)
})

test('a version that does not repeat its golden never serves; the old one goes on', async (t) => {
  const { engine, ask } = engineFor(t)
  const golden = { factor: 2, tolerance: 1e-6 }
  await engine.load(service, await createVersion(t, { factor: 2, golden }))
  const wrong = await createVersion(t, { version: 'v1.0.1', factor: 2.5, golden })
  await assert.rejects(engine.load(service, wrong), (error: DugaError) => {
    assert.equal(error.code, 'golden.mismatch')
    assert.equal(error.parameters.output, 'y')
    assert.equal(error.parameters.difference, 'element 0 is 15, recorded 12')
    return true
  })
  assert.deepEqual((await ask([1])).answer, {
    version: 'v1.0.0',
    y: [2, 1],
    extra: { detected: null, notes: null },
  })
  const lenient = { factor: 2, tolerance: 0.3 }
  await engine.load(
    service,
    await createVersion(t, { version: 'v1.0.2', factor: 2.5, golden: lenient }),
  )
  assert.equal(engine.active('sum')?.version, 'v1.0.2')
})

test('a broken model file is refused on every way of running', async (t) => {
  const { engine } = engineFor(t)
  const files = await createVersion(t, { model: new Uint8Array([1, 2, 3]) })
  for (const execution of ['lane', 'inline'] as const) {
    await assert.rejects(
      engine.load(createTestService(`broken-${execution}`, { execution }), files),
      (error: DugaError) => {
        assert.equal(error.code, 'model.unreadable')
        assert.ok(!error.message.includes(files.paths.model!), 'no path is shown')
        return true
      },
    )
  }
})

test('services are served in turn: one with a long queue does not hold another up', async (t) => {
  const engine = createEngine({ lanes: 1, threads: 1 })
  t.after(() => engine.close())
  await engine.load(createTestService('busy'), await createVersion(t))
  await engine.load(createTestService('quiet'), await createVersion(t))
  const order: string[] = []
  const ask = async (name: string) => {
    await engine.predict(name, { values: [1] })
    order.push(name)
  }
  const flood = Array.from({ length: 50 }, () => ask('busy'))
  await Promise.all([...flood, ask('quiet')])
  assert.ok(order.indexOf('quiet') < 10, `quiet came as number ${order.indexOf('quiet')}`)
})

test('the same version again is no new load; loads of one service happen in turn', async (t) => {
  const { engine, ask } = engineFor(t)
  const one = await createVersion(t, { version: 'v1.0.0' })
  const two = await createVersion(t, { version: 'v1.0.1', factor: 5 })
  await Promise.all([
    engine.load(service, one),
    engine.load(service, two),
    engine.load(service, two),
  ])
  assert.deepEqual((await ask([1])).answer.y, [5, 1])
})
