// Jobs as every database must keep them.
import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { createManualClock } from '../../src/clock.ts'
import type { Stores } from '../../src/store/stores.ts'

export function jobContract(
  stores: () => Stores,
  clock: ReturnType<typeof createManualClock>,
): void {
  it('runs the jobs of one service one after another, each once', async () => {
    const { jobs } = stores()
    const accept = (service: string) => jobs.accept({ service, parameters: { epochs: 1 } })
    const [a, b, other] = [await accept('j'), await accept('j'), await accept('k')]
    assert.deepEqual([a.version, b.version, other.version], ['v1.0.0', 'v1.0.1', 'v1.0.0'])
    const claims = await Promise.all(['w1', 'w2', 'w3', 'w4'].map((owner) => jobs.claim(owner)))
    const claimed = claims.flatMap((job) => (job === null ? [] : [job.id]))
    assert.deepEqual(claimed.sort(), [a.id, other.id].sort())
    const job = (await jobs.get(a.id))!
    assert.equal(job.status, 'running')
    assert.equal(await jobs.beat(a.id, 'stranger'), false)
    const progress = { fraction: 0.5, message: 'half' }
    assert.equal(await jobs.beat(a.id, job.owner!, progress), true)
    assert.deepEqual((await jobs.get(a.id))?.progress, progress)
    assert.equal(await jobs.finish(a.id, 'stranger', { status: 'succeeded' }), false)
    const outcome = { status: 'rejected', error: 'worse', result: { f1: 0.5 } } as const
    assert.equal(await jobs.finish(a.id, job.owner!, outcome), true)
    assert.equal(await jobs.finish(a.id, job.owner!, { status: 'succeeded' }), false)
    const ended = await jobs.get(a.id)
    assert.deepEqual(
      [ended?.status, ended?.error, ended?.result],
      ['rejected', 'worse', { f1: 0.5 }],
    )
    assert.equal((await jobs.claim('w5'))?.id, b.id)
  })

  it('gives the number of a failed or cancelled job back, a rejected one keeps it', async () => {
    const { jobs, versions } = stores()
    const accept = () => jobs.accept({ service: 'back', parameters: {} })
    const finish = async (status: 'failed' | 'rejected') => {
      const job = await accept()
      let claimed = await jobs.claim('w')
      while (claimed?.id !== job.id) claimed = await jobs.claim('w')
      await jobs.finish(job.id, 'w', { status })
      return job.version
    }
    assert.equal(await finish('failed'), 'v1.0.0')
    assert.equal(await finish('rejected'), 'v1.0.0')
    assert.equal(await versions.taken('back', 'v1.0.0'), true)
    const queued = await accept()
    assert.equal(queued.version, 'v1.0.1')
    assert.equal((await jobs.cancel(queued.id))?.status, 'cancelled')
    assert.equal((await jobs.cancel(queued.id))?.status, 'cancelled')
    assert.equal(await jobs.cancel('none'), null)
    assert.equal((await accept()).version, 'v1.0.1')
  })

  it('cancels no job whose end is decided', async () => {
    const { jobs } = stores()
    const { id } = await jobs.accept({ service: 'decided', parameters: {} })
    let claimed = await jobs.claim('w')
    while (claimed?.id !== id) claimed = await jobs.claim('w')
    assert.equal(await jobs.decide(id, 'another', {}), false)
    assert.equal(await jobs.decide(id, 'w', { metrics: {} }), true)
    await assert.rejects(jobs.cancel(id), { code: 'job.decided' })
    assert.equal(await jobs.finish(id, 'w', { status: 'succeeded' }), true)
    assert.equal((await jobs.cancel(id))?.status, 'succeeded')
    const cancelled = await jobs.accept({ service: 'decided', parameters: {} })
    await jobs.claim('w')
    assert.equal((await jobs.cancel(cancelled.id))?.status, 'cancelled')
    assert.equal(await jobs.decide(cancelled.id, 'w', {}), false)
  })

  it('lets one take an orphan over, with its number', async () => {
    const { jobs } = stores()
    const job = await jobs.accept({ service: 'orphan', parameters: {} })
    let claimed = await jobs.claim('dead')
    while (claimed?.id !== job.id) claimed = await jobs.claim('dead')
    clock.advance(60_000)
    const orphan = (await jobs.orphans(clock.now())).find(({ id }) => id === job.id)!
    const taken = await Promise.all(['x', 'y'].map((owner) => jobs.takeOver(orphan, owner)))
    assert.deepEqual(taken.sort(), [false, true])
    assert.equal(await jobs.beat(job.id, 'dead'), false)
    const now = (await jobs.get(job.id))!
    assert.equal(now.version, job.version)
    assert.equal(await jobs.finish(job.id, now.owner!, { status: 'succeeded' }), true)
  })

  it('lists jobs by page', async () => {
    const { jobs } = stores()
    const ids: string[] = []
    for (let n = 0; n < 5; n++) {
      ids.unshift((await jobs.accept({ service: 'list', parameters: {} })).id)
    }
    const first = await jobs.list({ service: 'list', limit: 3 })
    const second = await jobs.list({ service: 'list', limit: 3, cursor: first.next! })
    assert.deepEqual(
      [...first.items, ...second.items].map(({ id }) => id),
      ids,
    )
    assert.equal(second.next, null)
  })
}
