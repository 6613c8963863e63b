// A server with InfluxDB, PostgreSQL and MQTT beside it, killed with -9 again and again while sensors send and its stores come and
// go, slow (5 s) once: every window is answered once, and every anomaly is in both stores once.
import assert from 'node:assert/strict'
import { readFileSync, rmSync } from 'node:fs'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { startMqttClient } from '../src/streams/mqtt-client.ts'
import { createRandom } from './builders/cough-model.ts'
import { findServer } from './builders/database-server.ts'
import { createSeededHome } from './builders/seeded-home.ts'
import { type ServeProcess, startServe, until } from './builders/serve-process.ts'
import { isMissing, startStoreServer } from './builders/store-servers.ts'
import { startTcpProxy } from './builders/tcp-proxy.ts'
import { buildVibrationModel } from './builders/vibration-model.ts'
import { createWindows } from './builders/vibration-windows.ts'

const postgres = await findServer('postgres')
after(() => postgres.close())
const skip = postgres.skip || isMissing('influxdb') || isMissing('mosquitto')
const ROUNDS = 4
const DEVICES = 3
const PER_ROUND = 60

test('nothing is lost or doubled, whoever dies', { skip, timeout: 230_000 }, async (t) => {
  const influx = await startStoreServer('influxdb')
  t.after(() => influx.close())
  const broker = await startStoreServer('mosquitto')
  t.after(() => broker.close())
  const target = postgres.newTarget()
  const proxies = {
    influx: await startTcpProxy(influx.port),
    broker: await startTcpProxy(broker.port),
    postgres: await startTcpProxy(target.port),
  }
  await postgres.ask(`create database ${target.database}`)
  const home = await createSeededHome({ vibration: [buildVibrationModel()] })
  t.after(() => rmSync(home, { recursive: true, force: true }))
  const environment = {
    INFLUXDB_URL: `http://127.0.0.1:${proxies.influx.port}`,
    INFLUXDB_BUCKET: 'plant',
    INFLUXDB_READINGS: 'all',
    POSTGRES_HOST: '127.0.0.1',
    POSTGRES_PORT: String(proxies.postgres.port),
    POSTGRES_DB: target.database,
    POSTGRES_USER: target.user,
    DUGA_MQTT_URL: `mqtt://127.0.0.1:${proxies.broker.port}`,
  }
  let server: ServeProcess | null = null
  const start = async (): Promise<ServeProcess> => {
    const args = ['serve', 'vibration', '--json', '--port', '0']
    server = await startServe(home, { environment, args })
    return server
  }
  const kill = async (): Promise<void> => {
    if (server === null) return
    const { pid, ended } = server
    server = null
    process.kill(pid, 'SIGKILL')
    await ended
  }
  t.after(async () => {
    await kill()
    for (const proxy of Object.values(proxies)) await proxy.close()
  })

  const log = { info: () => {}, warn: () => {} }
  const sensor = startMqttClient({
    ...{ url: broker.url, clientId: 'sensor', filter: null, log, onMessage: async () => {} },
  })
  t.after(() => sensor.close())
  const countOf = async (url: string, outcome: string): Promise<number> => {
    const text = await (await fetch(`${url}/metrics`)).text()
    const pattern = new RegExp(`^duga_stream_messages_total{.*outcome="${outcome}"} (\\d+)`, 'm')
    return Number(pattern.exec(text)?.[1] ?? 0)
  }
  const first = await start()
  await until(async () => {
    if (sensor.connected()) await sensor.publish('sensors/fan-0/acceleration', Buffer.from('-'))
    return (await countOf(first.url, 'malformed')) > 0
  }, 'the server is subscribed')

  const random = createRandom(77)
  const windows = [createWindows({ seed: 1 }), createWindows({ seed: 2, shake: 8 })]
  let sent = 0
  for (let round = 0; round < ROUNDS; round++) {
    // Each store is away in one of the rounds, and slow in the last.
    proxies.influx.set(round === 0 ? { state: 'refuse' } : round === 3 ? { delayMs: 5000 } : {})
    proxies.postgres.set(
      round === 1 ? { state: 'silent' } : round === 2 ? { loseAnswers: true } : {},
    )
    for (let i = 0; i < PER_ROUND; i++) {
      // One window of eight is an anomaly for a threshold that has not learnt it.
      const data = windows[i % 8 === 7 ? 1 : 0]!()
      const device = `fan-${sent % DEVICES}`
      const halves = sent % 5 === 0 ? [data.slice(0, 10), data.slice(10)] : [data]
      for (const half of halves) {
        await sensor.publish(`sensors/${device}/acceleration`, Buffer.from(JSON.stringify(half)))
      }
      sent += 1
      if (i % 20 === 10) proxies.broker.reset()
    }
    await sleep(random() * 1500)
    await kill()
    if (round === 1) {
      await influx.kill()
      await influx.start()
    }
    await start()
  }
  for (const proxy of Object.values(proxies)) proxy.set({})

  const { url } = server!
  const headers = { authorization: `Bearer ${adminToken(home)}` }
  const answers = async () => {
    const all: { timestamp: string; anomaly_status: boolean; device_id: string }[] = []
    let cursor: string | null = null
    do {
      const query = new URLSearchParams({ limit: '500', ...(cursor !== null && { cursor }) })
      const path = `/manage/services/vibration/predictions?${query}`
      const page = (await (await fetch(url + path, { headers })).json()) as {
        items: { answer: (typeof all)[number] }[]
        next: string | null
      }
      all.push(...page.items.map(({ answer }) => answer))
      cursor = page.next
    } while (cursor !== null)
    return all
  }
  await until(async () => (await answers()).length >= sent, 'every window is answered', 60_000)
  await until(
    async () => /"influxdb":"ok.*"postgres":"ok/.test(await health(url)),
    'all is sent',
    60_000,
  )
  await sleep(1000)
  const found = await answers()
  assert.equal(found.length, sent)
  const anomalies = found.filter(({ anomaly_status }) => anomaly_status)
  assert.ok(anomalies.length > ROUNDS)
  const expected = anomalies.map(({ timestamp }) => timestamp).sort()

  await until(async () => (await waiting(url)) === 0, 'the outboxes are empty', 60_000)
  const rows = await postgres.ask<{ timestamp: string }>(
    'select timestamp from vibration_anomalies',
    target,
  )
  // PostgreSQL leaves zeros at the end of a fraction out.
  const times = rows.map(({ timestamp }) => padded(timestamp.replace(' ', 'T'))).sort()
  const strays = times.filter((time) => !expected.includes(time))
  // A kill between outbox and history leaves a row of an answer that nobody got; its message was answered again.
  assert.ok(strays.length <= ROUNDS, `${strays.length} rows without an answer`)
  assert.equal(new Set(times).size, times.length)
  assert.deepEqual(
    times.filter((time) => expected.includes(time)),
    expected,
  )
  const q =
    'select count(threshold) from vibration_anomaly; select count(threshold) from vibration_reading'
  const query = new URLSearchParams({ db: 'plant', q })
  const counted = (await (await fetch(`${influx.url}/query?${query}`)).json()) as {
    results: { series: { values: number[][] }[] }[]
  }
  const [points, readings] = counted.results.map(({ series }) => series[0]!.values[0]![1])
  assert.equal(points, times.length)
  assert.ok(readings! >= sent && readings! <= sent + ROUNDS * DEVICES, `${readings} readings`)
})

function adminToken(home: string): string {
  return readFileSync(`${home}/secrets/admin-token`, 'utf8').trim()
}

async function health(url: string): Promise<string> {
  return await (await fetch(`${url}/health`)).text()
}

async function waiting(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  const lines = [...text.matchAll(/^duga_outbox_records{.*} (\d+)/gm)]
  return lines.reduce((sum, [, count]) => sum + Number(count), 0)
}

function padded(time: string): string {
  const [whole, fraction = ''] = time.split('.')
  return `${whole}.${fraction.padEnd(6, '0')}`
}
