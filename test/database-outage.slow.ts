// The whole server on PostgreSQL and on MariaDB behind a proxy: started before the database, through outages, resets and
// answers that take five seconds. Every prediction that was answered is in the history and in the contract's table, once.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { findServer } from './builders/database-server.ts'
import { startFaultProxy } from './builders/fault-proxy.ts'
import { ROOT, type ServeProcess, startServe, until } from './builders/serve-process.ts'

const picture = readFileSync(join(ROOT, 'examples/dog.jpg'))

for (const kind of ['postgres', 'mysql'] as const) {
  const server = await findServer(kind)
  describe(`a server on ${kind}`, { skip: server.skip }, async () => {
    const homes = [0, 1].map(() => mkdtempSync(join(tmpdir(), 'duga-outage-')))
    const target = server.newTarget()
    const proxy = await startFaultProxy(target.host, target.port)
    const running: ServeProcess[] = []
    after(async () => {
      for (const { child, ended } of running) {
        child.kill('SIGTERM')
        await ended
      }
      await proxy.close()
      await server.close()
      for (const home of homes) rmSync(home, { recursive: true })
    })
    const settings = {
      DATABASE_URL: server.urlOf({ ...target, host: '127.0.0.1', port: proxy.port }),
      SECRET_KEY: 'a key that both servers have',
      JWT_SECRET_KEY: 'another key that both servers have',
      DUGA_ADMIN_TOKEN: 'the token of the administrator',
      DUGA_LANES: '1',
    }
    const start = async (home: string): Promise<ServeProcess> => {
      const args = ['serve', 'dog', '--port', '0', '--json', '--home', home]
      const serving = await startServe(null, { args, environment: settings })
      running.push(serving)
      return serving
    }
    const answered: string[] = []
    const predict = async (url: string): Promise<number> => {
      const form = new FormData()
      form.set('file', new Blob([picture]), 'dog.jpg')
      const response = await fetch(`${url}/api/predict`, { method: 'POST', body: form })
      const body = (await response.json()) as { image_url?: string }
      if (response.status === 200) answered.push(body.image_url!)
      return response.status
    }
    const ready = async (url: string) => {
      const response = await fetch(`${url}/health/ready`)
      const { database } = (await response.json()) as { database: string }
      return { status: response.status, database }
    }
    /** All that was answered is there, each once, and so is its row of the contract's table. */
    const check = async () => {
      const rows = await server.ask<{ image_url: string }>(
        'select image_url from prediction_history',
        target,
      )
      const stored = rows.map((row) => row.image_url)
      assert.equal(new Set(stored).size, stored.length)
      assert.deepEqual(
        answered.filter((name) => !stored.includes(name)),
        [],
      )
      const [count] = await server.ask<{ n: number }>(
        'select count(*) as n from predictions',
        target,
      )
      assert.equal(Number(count!.n), stored.length)
    }

    it('waits for the database at its start, and survives what happens to it', async () => {
      await proxy.refuse()
      const starting = start(homes[0]!)
      await sleep(3000)
      await proxy.accept()
      const { url } = await starting
      assert.equal(await predict(url), 200)
      assert.deepEqual(await ready(url), { status: 200, database: 'ok' })

      await proxy.refuse()
      proxy.cut()
      await until(async () => (await ready(url)).status === 503, 'not ready')
      assert.match((await ready(url)).database, /^away since /)
      assert.equal(await predict(url), 503)
      assert.equal((await fetch(`${url}/health/live`)).status, 200)
      await proxy.accept()
      await until(async () => (await ready(url)).status === 200, 'ready again')
      assert.equal(await predict(url), 200)

      const load = Promise.all(Array.from({ length: 24 }, () => predict(url)))
      for (let cut = 0; cut < 10; cut++) {
        await sleep(150)
        proxy.cut()
      }
      for (const status of await load) assert.ok(status === 200 || status === 503, `${status}`)

      proxy.slow(5000)
      assert.equal(await predict(url), 200)
      proxy.slow(0)
      await check()
    })

    it('shares users and tokens with a second server that has a home of its own', async () => {
      const [first] = running
      const second = await start(homes[1]!)
      const post = (url: string, path: string, body: unknown, token?: string) =>
        fetch(`${url}${path}`, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            ...(token && { authorization: `Bearer ${token}` }),
          },
          body: JSON.stringify(body),
        })
      const account = { username: 'budi', password: 'kucing-hitam-manis' }
      assert.equal((await post(first!.url, '/api/register', account)).status, 201)
      const login = await post(second.url, '/api/login', account)
      const { access_token: token } = (await login.json()) as { access_token: string }
      const mine = (url: string) =>
        fetch(`${url}/api/history/me`, { headers: { authorization: `Bearer ${token}` } })
      assert.equal((await mine(first!.url)).status, 200)
      await post(second.url, '/api/logout', {}, token)
      await until(
        async () => (await mine(first!.url)).status === 401,
        'logged out everywhere',
        3000,
      )
      const statuses = await Promise.all(
        [first!, second, first!, second].map(({ url }) => predict(url)),
      )
      assert.deepEqual(statuses, [200, 200, 200, 200])
      await check()
    })
  })
}
