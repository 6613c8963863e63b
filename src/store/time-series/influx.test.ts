// Points in real servers: InfluxDB 1.x, and VictoriaMetrics as one that takes the writes of 2.x.
import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { until } from '../../../test/builders/serve-process.ts'
import {
  isMissing,
  type StoreServer,
  startStoreServer,
} from '../../../test/builders/store-servers.ts'
import { startTcpProxy, type TcpProxy } from '../../../test/builders/tcp-proxy.ts'
import { type Forwarder, startForwarder } from '../outbox/forwarder.ts'
import { createInfluxTarget } from './influx.ts'
import { toLine } from './line-protocol.ts'

const log = { info: () => {}, warn: () => {}, error: () => {} }
const START = Date.UTC(2026, 0, 1) * 1000

interface Parts {
  readonly server: StoreServer
  readonly proxy: TcpProxy
  readonly folder: string
  readonly open: (maxBytes?: number) => Promise<Forwarder>
}

async function prepare(t: TestContext, kind: 'influxdb' | 'victoriaMetrics'): Promise<Parts> {
  const server = await startStoreServer(kind)
  t.after(() => server.close())
  const proxy = await startTcpProxy(server.port)
  t.after(() => proxy.close())
  const folder = await mkdtemp(join(tmpdir(), 'duga-influx-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const target = () =>
    createInfluxTarget({
      url: `http://127.0.0.1:${proxy.port}`,
      bucket: 'plant "1"',
      org: kind === 'influxdb' ? null : 'acme',
      token: null,
      timeoutMs: 1000,
    })
  const options = { folder, log, retryMs: 20, maxRetryMs: 100, lingerMs: 5 }
  const open = (maxBytes = 2 ** 24) => startForwarder(target(), { ...options, maxBytes })
  return { server, proxy, folder, open }
}

/** A point a millisecond; its value is its number. */
function points(from: number, to: number): Buffer[] {
  return Array.from({ length: to - from }, (_, i) => {
    const fields = { value: from + i }
    const micros = START + (from + i) * 1000
    return Buffer.from(toLine({ measurement: 'm', tags: { device_id: 'a, b' }, fields, micros }))
  })
}

const numbers = (to: number): number[] => Array.from({ length: to }, (_, i) => i)
const drained = (forwarder: Forwarder) =>
  until(() => {
    const { records, failing } = forwarder.state()
    return records === 0 && failing === null
  }, 'the outbox is empty')

async function readInflux({ url }: StoreServer): Promise<number[]> {
  const q = "SELECT value FROM m WHERE device_id = 'a, b'"
  const query = new URLSearchParams({ db: 'plant "1"', q })
  const answer = await (await fetch(`${url}/query?${query}`)).json()
  const { results } = answer as { results: { series?: { values: [string, number][] }[] }[] }
  return results[0]?.series?.[0]?.values.map(([, value]) => value) ?? []
}

async function readVictoria({ url }: StoreServer): Promise<number[]> {
  await fetch(`${url}/internal/force_flush`)
  const match = new URLSearchParams({ 'match[]': 'm_value{device_id="a, b"}', start: '0' })
  const text = await (await fetch(`${url}/api/v1/export?${match}`)).text()
  const lines = text
    .trim()
    .split('\n')
    .filter((line) => line !== '')
  return lines.flatMap((line) => (JSON.parse(line) as { values: number[] }).values)
}

test('InfluxDB 1.x: the database is made; what waited through an outage is there once, in order', {
  skip: isMissing('influxdb'),
}, async (t) => {
  const { server, proxy, folder, open } = await prepare(t, 'influxdb')
  proxy.set({ state: 'refuse' })
  const first = await open()
  await first.append(points(0, 300))
  await until(() => first.state().failing !== null, 'it is known to be away')
  await first.close()
  // Away at start; the next run sends what the one before left.
  const second = await open()
  assert.equal(second.state().records, 300)
  proxy.set({})
  await drained(second)
  assert.equal(second.state().failing, null)
  assert.deepEqual(await readInflux(server), numbers(300))

  // The server has it, the answer is lost: sent again, it replaces itself.
  proxy.set({ loseAnswers: true })
  await second.append(points(300, 400))
  await until(() => proxy.lost() > 1, 'an answer is lost twice')
  assert.equal(second.state().records, 100)
  proxy.set({})
  await drained(second)
  assert.deepEqual(await readInflux(server), numbers(400))

  // It dies with data on the way, and comes back.
  await server.kill()
  await second.append(points(400, 500))
  await until(() => second.state().failing !== null, 'it is known to be away')
  await server.start()
  await drained(second)
  assert.deepEqual(await readInflux(server), numbers(500))

  // Half-open: the write gives up and comes again.
  proxy.set({ state: 'silent' })
  await second.append(points(500, 501))
  await until(() => second.state().failing !== null, 'silence is known')
  proxy.set({})
  await drained(second)

  // A line that never will be taken is set aside, its neighbours are not.
  await second.append([...points(501, 510), Buffer.from('no line'), ...points(510, 520)])
  await drained(second)
  assert.equal(second.state().refused, 1)
  assert.deepEqual(await readInflux(server), numbers(520))
  const refused = JSON.parse(await readFile(join(folder, 'influxdb', 'refused.jsonl'), 'utf8'))
  assert.equal(refused.record, 'no line')
  assert.match(refused.reason, /^400/)
  await second.close()
})

test('VictoriaMetrics, by writes of 2.x: packed batches, an outage, a lost answer', {
  skip: isMissing('victoriaMetrics'),
}, async (t) => {
  const { server, proxy, open } = await prepare(t, 'victoriaMetrics')
  const forwarder = await open()
  await forwarder.append(points(0, 20_000))
  await drained(forwarder)
  await server.kill()
  await forwarder.append(points(20_000, 20_010))
  await until(() => forwarder.state().failing !== null, 'it is known to be away')
  await server.start()
  proxy.set({ loseAnswers: true })
  await until(() => proxy.lost() > 0, 'an answer is lost')
  proxy.set({})
  await drained(forwarder)
  assert.equal(forwarder.state().failing, null)
  await forwarder.close()
  const values = await readVictoria(server)
  // VictoriaMetrics keeps in memory for a second what a kill then loses: only what was written after it is sure.
  assert.deepEqual(values.slice(-10), numbers(20_010).slice(-10))
  assert.equal(new Set(values).size, values.length)
})

test('an outbox that is full drops the oldest, says so, and sends the rest', {
  skip: isMissing('influxdb'),
}, async (t) => {
  const { server, proxy, open } = await prepare(t, 'influxdb')
  proxy.set({ state: 'refuse' })
  const forwarder = await open(64 * 1024)
  for (let i = 0; i < 20; i++) await forwarder.append(points(i * 100, i * 100 + 100))
  const { records, dropped, bytes } = forwarder.state()
  assert.ok(dropped > 0 && bytes <= 64 * 1024)
  assert.equal(records + dropped, 2000)
  proxy.set({})
  await drained(forwarder)
  assert.deepEqual(await readInflux(server), numbers(2000).slice(dropped))
  await forwarder.close()
})
