// Stores on a server that is cut off, half open, away, or loses the acknowledgement of a commit: what was answered is there, once.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setImmediate as immediately, setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '../src/clock.ts'
import { openStores, type Stores } from '../src/store/stores.ts'
import { findServer } from './builders/database-server.ts'
import { type FaultProxy, startFaultProxy } from './builders/fault-proxy.ts'
import { until } from './builders/serve-process.ts'
import { prediction } from './contracts/samples.ts'

// Enough for a connection to be made on a busy machine.
const TIMEOUT_MS = 1500

for (const kind of ['postgres', 'mysql'] as const) {
  const server = await findServer(kind)
  describe(`faults of ${kind}`, { skip: server.skip }, () => {
    const target = server.newTarget()
    let proxy: FaultProxy
    let stores: Stores
    before(async () => {
      proxy = await startFaultProxy(target.host, target.port)
      const through = { ...target, host: '127.0.0.1', port: proxy.port }
      stores = await openStores(through, systemClock, { pool: 4, timeout: TIMEOUT_MS })
    })
    after(async () => {
      await stores.close()
      await proxy.close()
      await server.close()
    })

    const append = (service: string, name: string) =>
      stores.history.append(prediction({ service, input: name }), [
        {
          table: 'prediction_history',
          userId: null,
          timestamp: Date.now(),
          imageFilename: name,
          imageUrl: name,
          predictedBreed: 'Pug',
          confidence: 0.5,
        },
      ])
    const inputsOf = async (service: string) => {
      const inputs: string[] = []
      for await (const row of stores.history.each(service)) inputs.push(row.input)
      return inputs
    }

    it('writes a row once whose acknowledgement was lost', async () => {
      const lost = proxy.loseAnswerTo('commit')
      const id = await append('lost', 'commit.jpg')
      await lost
      assert.ok(await stores.history.get('lost', id))
      const again = proxy.loseAnswerTo('insert into')
      await stores.history.append(prediction({ service: 'lost', input: 'insert' }))
      await again
      assert.deepEqual(await inputsOf('lost'), ['insert', 'commit.jpg'])
      assert.equal((await stores.dogHistory.list()).length, 1)
    })

    it('keeps all that was answered, each once, while connections are reset', async () => {
      const work = Array.from({ length: 60 }, async (_, index) => {
        await sleep(index * 5)
        const name = `cut-${index}.jpg`
        await append('cut', name)
        return name
      })
      const settled = Promise.allSettled(work)
      for (let cut = 0; cut < 8; cut++) {
        await sleep(30)
        proxy.cut()
      }
      const results = await settled
      const answered = results.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
      for (const one of results) {
        if (one.status === 'rejected') assert.equal(one.reason.code, 'store.unavailable')
      }
      const stored = await inputsOf('cut')
      assert.equal(new Set(stored).size, stored.length)
      assert.deepEqual(
        answered.filter((name) => !stored.includes(name)),
        [],
      )
      const side = (await stores.dogHistory.list()).map(({ imageFilename }) => imageFilename)
      assert.deepEqual(side.filter((name) => name.startsWith('cut')).sort(), [...stored].sort())
    })

    it('does not hold a request on a connection that is half open', async () => {
      await Promise.all(Array.from({ length: 4 }, () => stores.settings.get('a')))
      proxy.stall()
      await assert.rejects(stores.settings.get('a'), { code: 'store.unavailable', status: 503 })
      // The history tries again, on a connection that is whole.
      proxy.stall()
      const id = await append('stall', 'stall.jpg')
      assert.ok(await stores.history.get('stall', id))
      assert.deepEqual(await inputsOf('stall'), ['stall.jpg'])
    })

    it('says that the server is away, and works when it is back', async () => {
      await proxy.refuse()
      proxy.cut()
      await assert.rejects(stores.settings.put('b', 1), { code: 'store.unavailable' })
      await assert.rejects(append('away', 'away.jpg'), { code: 'store.unavailable' })
      await proxy.accept()
      await append('away', 'back.jpg')
      assert.deepEqual(await inputsOf('away'), ['back.jpg'])
    })

    it('uses no connection that the server has ended', async () => {
      await Promise.all(Array.from({ length: 4 }, () => stores.settings.get('a')))
      const { database } = target
      if (kind === 'postgres') {
        await server.ask(
          `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${database}'`,
        )
      } else {
        const rows = await server.ask<{ id: number }>(
          `select id from information_schema.processlist where db = '${database}'`,
        )
        for (const { id } of rows) await server.ask(`kill ${id}`)
      }
      await until(() => proxy.connections() === 0, 'the server has ended them all')
      // The pool hears of it in the next turns.
      await sleep(50)
      await immediately()
      await Promise.all(Array.from({ length: 8 }, () => stores.settings.get('a')))
    })

    it('waits at the start for a server that is away, and no longer than asked', async () => {
      const through = { ...target, host: '127.0.0.1', port: proxy.port }
      await proxy.refuse()
      await assert.rejects(openStores(through, systemClock), { code: 'store.unreachable' })
      const told: string[] = []
      const opening = openStores(through, systemClock, {
        wait: 10_000,
        onWait: ({ code }) => void told.push(code),
      })
      await sleep(600)
      await proxy.accept()
      await (await opening).close()
      assert.deepEqual(told, ['store.unreachable'])
    })
  })
}
