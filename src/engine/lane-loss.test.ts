// Lanes that die: killed, out of memory, hung, exited. Every request ends, lanes are replaced, versions are back.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { type TestContext, test } from 'node:test'
import { promisify } from 'node:util'
import {
  createTestService,
  createVersion,
  type TestAnswer,
  type TestInput,
  toFeeds,
} from '../../test/builders/engine-versions.ts'
import type { DugaError } from '../errors.ts'
import { createEngine, type EngineOptions } from './engine.ts'
import { createLanePool, type LaneCounts } from './lane-pool.ts'
import type { VersionSpec } from './lane-protocol.ts'

const service = createTestService()

async function engineFor(t: TestContext, options: Partial<EngineOptions> = {}) {
  const troubles: string[] = []
  const engine = createEngine({
    lanes: 2,
    threads: 1,
    events: { onTrouble: (error) => troubles.push(error.message) },
    ...options,
  })
  t.after(() => engine.close())
  await engine.load(service, await createVersion(t))
  const ask = (input: TestInput) => engine.predict<TestInput, TestAnswer>('sum', input)
  return { engine, ask, troubles }
}

test('a decoder that ends its thread fails its request after one retry; others go on', async (t) => {
  const { engine, ask, troubles } = await engineFor(t)
  const counter = new SharedArrayBuffer(4)
  const bad = assert.rejects(ask({ values: [1], misbehave: 'exit', counter }), isLost)
  const good = await Promise.all([1, 2, 3, 4, 5, 6].map((v) => ask({ values: [v] })))
  assert.deepEqual(
    good.map(({ answer }) => answer.y[0]),
    [2, 4, 6, 8, 10, 12],
  )
  await bad
  assert.equal(new Int32Array(counter)[0], 2)
  assert.equal(engine.status().lanes.lost, 2, troubles.join('\n'))
  assert.deepEqual((await ask({ values: [4] })).answer.y, [8, 4])
})

test('a decoder that fills the memory of its lane loses only the lane', async (t) => {
  const { engine, ask, troubles } = await engineFor(t, { heapMb: 48 })
  await assert.rejects(ask({ values: [1], misbehave: 'memory' }), isLost)
  assert.equal(engine.status().lanes.lost, 2)
  assert.match(troubles[0]!, /memory/)
  assert.deepEqual((await ask({ values: [4] })).answer.y, [8, 4])
})

test('a hung decoder is stopped at the limit, without a retry', async (t) => {
  const { engine, ask } = await engineFor(t, { lanes: 1, taskLimitMs: 300 })
  const counter = new SharedArrayBuffer(4)
  const hung = ask({ values: [1], misbehave: 'hang', counter })
  const behind = ask({ values: [3] })
  await assert.rejects(hung, (error: DugaError) => error.code === 'lane.timeout')
  assert.deepEqual((await behind).answer.y, [6, 3])
  assert.equal(new Int32Array(counter)[0], 1)
  assert.equal(engine.status().lanes.lost, 1)
})

test('the caller has its deadline even while its decoder hangs', async (t) => {
  const { engine } = await engineFor(t, { lanes: 1, taskLimitMs: 300 })
  const hung = engine.predict('sum', { values: [1], misbehave: 'hang' }, { deadlineMs: 20 })
  await assert.rejects(hung, (error: DugaError) => error.code === 'deadline.exceeded')
})

test('a lane that starts finds its version gone from disk: the others serve, the request is told', async (t) => {
  const troubles: Error[] = []
  const engine = createEngine({
    lanes: 1,
    threads: 1,
    events: { onTrouble: (error) => troubles.push(error) },
  })
  t.after(() => engine.close())
  const files = await createVersion(t)
  await engine.load(service, files)
  await rm(files.paths.model!)
  await assert.rejects(engine.predict('sum', { values: [1], misbehave: 'exit' }))
  await assert.rejects(
    engine.predict('sum', { values: [1] }),
    (error: DugaError) => error.code === 'model.unreadable',
  )
  assert.ok(troubles.some((error) => (error as DugaError).code === 'model.unreadable'))
})

test('lanes killed at random under load: every request ends, and the counts add up', async (t) => {
  const counts: LaneCounts[] = []
  const pool = createLanePool({
    lanes: 3,
    startedLanes: 3,
    threads: 1,
    heapMb: 64,
    limitMs: 5000,
    onChange: (state) => counts.push(state),
  })
  t.after(() => pool.close())
  const { openLaneVersion } = await import('./lane-version.ts')
  const spec: VersionSpec = {
    key: 'sum@1',
    files: await createVersion(t),
    decoder: service.decoder.href,
    input: 'json',
  }
  const version = await openLaneVersion(pool, spec, { maxWaitMs: 5, events: {} })
  let answered = 0
  let lost = 0
  const one = async (i: number) => {
    try {
      const { outputs } = await (i % 3 === 0
        ? version.infer({ rows: 1, feeds: toFeeds([i, 1]) }, {})
        : version.predict({ values: [i, 1] }, {}))
      assert.equal(outputs.y!.data[0], 2 * (i + 1))
      answered += 1
    } catch (error) {
      assert.equal((error as DugaError).code, 'lane.lost')
      lost += 1
    }
    if (i % 20 === 0 && pool.counts().starting === 0) await pool.kill((i / 20) % 3)
  }
  let next = 0
  const client = async () => {
    while (pool.counts().lost < 12) await one(next++)
  }
  await Promise.all(Array.from({ length: 24 }, client))
  assert.equal(answered + lost, next)
  assert.ok(answered > next * 0.9, `${answered} of ${next} answered`)
  for (const { starting, idle, busy } of counts) assert.equal(starting + idle + busy, 3)
  await version.close()
})

test('the process exits cleanly while lanes compute', async () => {
  const script = new URL('../../test/builders/exit-while-busy.ts', import.meta.url)
  const { stdout } = await promisify(execFile)(process.execPath, [script.pathname])
  assert.equal(stdout, 'exiting\n')
})

function isLost(error: unknown): boolean {
  return (error as DugaError).code === 'lane.lost'
}
