// Batched ≡ solo: whatever sizes, widths, orders and versions run together, each item gets the rows it gets alone.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import {
  buildSumModel,
  createTestService,
  toFeeds,
  writeVersion,
} from '../../test/builders/engine-versions.ts'
import { runBatch } from './batch-run.ts'
import { type BatchItem, createBatcher } from './batcher.ts'
import { createEngine } from './engine.ts'
import { loadSession } from './runtime.ts'
import { createTicket } from './ticket.ts'

const folder = await mkdtemp(join(tmpdir(), 'duga-batching-'))
const sizes: number[] = []
const engine = createEngine({
  lanes: 2,
  threads: 1,
  events: { onBatch: (_service, rows) => sizes.push(rows) },
})
after(async () => {
  await engine.close()
  await rm(folder, { recursive: true })
})
const versions = { a: 2, b: -3 } as const
for (const [name, factor] of Object.entries(versions)) {
  const files = await writeVersion(folder, {
    service: name,
    version: `v${factor}`,
    factor,
    maxBatch: 6,
  })
  await engine.load(createTestService(name), files)
}

const item = fc.record({
  service: fc.constantFrom<'a' | 'b'>('a', 'b'),
  rows: fc.integer({ min: 1, max: 9 }),
  width: fc.integer({ min: 1, max: 3 }),
  start: fc.integer({ min: -1000, max: 1000 }),
  decoded: fc.boolean(),
})

test('any mixture of items through lanes equals the arithmetic of each alone', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(item, { minLength: 1, maxLength: 40 }), async (items) => {
      await Promise.all(
        items.map(async ({ service, rows, width, start, decoded }) => {
          const values = Array.from({ length: rows * width }, (_, i) => start + i)
          const { outputs } = decoded
            ? await engine.predict(service, { values, rows })
            : await engine.infer(service, toFeeds(values, rows))
          const expected = Array.from({ length: rows }, (_, row) => {
            const own = values.slice(row * width, (row + 1) * width)
            return [versions[service] * own.reduce((a, b) => a + b), own[0]!]
          }).flat()
          assert.deepEqual(outputs.y!.dims, [rows, 2])
          // Adding 0 makes 0 of −0.
          const actual = [...(outputs.y!.data as Float32Array)].map((v) => v + 0)
          assert.deepEqual(
            actual,
            expected.map((v) => v + 0),
          )
        }),
      )
    }),
    { numRuns: 40 },
  )
  assert.ok(
    sizes.some((rows) => rows > 1),
    'some ran together',
  )
})

test('a batch of the real graph equals its rows alone', async () => {
  const session = await loadSession(buildSumModel(7))
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1 }), async (counts) => {
      const items = counts.map((rows, i) => {
        return {
          rows,
          feeds: toFeeds(
            Array.from({ length: rows * 2 }, (_, k) => i * 10 + k),
            rows,
          ),
        }
      })
      const together = await runBatch(session.run, items, 1000)
      for (const [i, outcome] of together.entries()) {
        const [alone] = await runBatch(session.run, [items[i]!], 1000)
        assert.deepEqual(outcome, alone)
      }
    }),
    { numRuns: 30 },
  )
  await session.release()
})

test('the batcher keeps order, never passes maxBatch, loses nothing and groups by width', () => {
  const shape = fc.record({
    rows: fc.integer({ min: 1, max: 9 }),
    width: fc.integer({ min: 1, max: 3 }),
  })
  fc.assert(
    fc.property(fc.array(shape), fc.integer({ min: 1, max: 8 }), (shapes, maxBatch) => {
      const batcher = createBatcher(maxBatch, 5)
      const added = shapes.map(({ rows, width }, i) => toItem(rows, width, i))
      for (const one of added) batcher.add(one)
      const taken: BatchItem[] = []
      for (let batch = batcher.take(); batch !== null; batch = batcher.take()) {
        const rows = batch.reduce((sum, one) => sum + one.rows, 0)
        assert.ok(rows <= maxBatch || batch.length === 1)
        assert.equal(new Set(batch.map(({ feeds }) => feeds.x!.dims[1])).size, 1)
        taken.push(...batch)
      }
      assert.equal(taken.length, added.length)
      for (const width of [1, 2, 3]) {
        const order = taken.filter(({ feeds }) => feeds.x!.dims[1] === width)
        assert.deepEqual(
          order,
          order.toSorted((a, b) => a.arrived - b.arrived),
        )
      }
    }),
  )
})

test('a batch is due when full, of age, or alone by order', () => {
  const batcher = createBatcher(3, 5)
  assert.equal(batcher.due(0), false)
  batcher.add(toItem(1, 1, 100))
  assert.equal(batcher.due(104), false)
  assert.equal(batcher.due(105), true)
  batcher.add(toItem(2, 1, 101))
  assert.equal(batcher.due(101), true)
  assert.equal(batcher.take()!.length, 2)
  batcher.add({ ...toItem(1, 1, 102), solo: true })
  batcher.add({ ...toItem(1, 1, 103), solo: true })
  assert.equal(batcher.due(103), true)
  assert.equal(batcher.take()!.length, 1)
})

function toItem(rows: number, width: number, arrived: number): BatchItem {
  return {
    rows,
    feeds: toFeeds(new Array(rows * width).fill(0), rows),
    ticket: createTicket({}),
    arrived,
    solo: false,
    owned: true,
    resolve: () => {},
    reject: () => {},
  }
}
