import assert from 'node:assert/strict'
import { it } from 'node:test'
import { createGroupCommit } from './group-commit.ts'

it('writes what comes in one turn together, in its order', async () => {
  const batches: (readonly number[])[] = []
  const group = createGroupCommit<number>(
    async (items) => {
      batches.push(items)
    },
    { largest: 3, isFault: () => true },
  )
  await Promise.all([1, 2, 3, 4].map((item) => group.add(item)))
  await group.add(5)
  assert.deepEqual(batches, [[1, 2, 3], [4], [5]])
})

it('lets a bad item fail alone', async () => {
  const written: number[] = []
  const group = createGroupCommit<number>(
    async (items) => {
      if (items.includes(2)) throw new Error('two')
      written.push(...items)
    },
    { isFault: () => true },
  )
  const results = await Promise.allSettled([1, 2, 3].map((item) => group.add(item)))
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  )
  assert.deepEqual(written, [1, 3])
})

it('drains what waits, and what comes while it is written', async () => {
  const written: number[] = []
  const group = createGroupCommit<number>(
    async (items) => {
      written.push(...items)
    },
    { isFault: () => true },
  )
  const first = group.add(1).then(() => {
    void group.add(2)
  })
  await first
  await group.drain()
  assert.deepEqual(written, [1, 2])
})

it('does not try one by one where the database is away', async () => {
  let tries = 0
  const group = createGroupCommit<number>(
    async () => {
      tries++
      throw new Error('locked')
    },
    { isFault: () => false },
  )
  const results = await Promise.allSettled([1, 2, 3].map((item) => group.add(item)))
  assert.ok(results.every(({ status }) => status === 'rejected'))
  assert.equal(tries, 1)
})
