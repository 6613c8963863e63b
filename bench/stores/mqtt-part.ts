// How many windows a second a server takes from MQTT: decoded, scored, judged by device, recorded and acknowledged. They wait at
// Mosquitto when the server starts; broker and server share the cores, the publisher is done by then.
import { rm } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { type MqttClient, startMqttClient } from '../../src/streams/mqtt-client.ts'
import { createSeededHome } from '../../test/builders/seeded-home.ts'
import { startServe, until } from '../../test/builders/serve-process.ts'
import { startStoreServer } from '../../test/builders/store-servers.ts'
import { buildVibrationModel } from '../../test/builders/vibration-model.ts'
import { createWindows } from '../../test/builders/vibration-windows.ts'
import type { Line } from '../serve/report.ts'

const WINDOWS = 20_000
const DEVICES = 64
const GOAL = 5000
const AT_ONCE = 200

export async function measureMqtt(): Promise<Line[]> {
  const broker = await startStoreServer('mosquittoInMemory')
  const home = await createSeededHome({ vibration: [buildVibrationModel()] })
  const environment = { DUGA_MQTT_URL: broker.url, DUGA_MQTT_CLIENT_ID: 'bench' }
  const options = { environment, args: ['serve', 'vibration', '--json', '--port', '0'] }
  const log = { info: () => {}, warn: () => {} }
  const sensor = startMqttClient({
    ...{ url: broker.url, clientId: 'sensor', filter: null, log, onMessage: async () => {} },
  })
  try {
    const first = await startServe(home, options)
    await until(async () => {
      if (!sensor.connected()) return false
      await sensor.publish('sensors/fan-0/acceleration', Buffer.from('not a message'))
      return (await countOf(first.url, 'malformed')) > 0
    }, 'the server is subscribed')
    first.child.kill('SIGTERM')
    await first.ended
    await publishAll(sensor)
    const server = await startServe(home, options)
    const { rate, micros } = await measure(server.url)
    server.child.kill('SIGTERM')
    await server.ended
    const beside = `${availableParallelism()} cores with the broker`
    return [
      {
        what: `vibration windows from MQTT, windows/s (${beside})`,
        goal: `≥ ${GOAL}`,
        measured: `${rate.toFixed(0)}; ${micros.toFixed(0)} µs of processor time a window`,
        reached: rate >= GOAL,
      },
    ]
  } finally {
    await sensor.close()
    await broker.close()
    await rm(home, { recursive: true, force: true })
  }
}

async function publishAll(sensor: MqttClient): Promise<void> {
  const next = createWindows()
  const bodies = Array.from({ length: 256 }, () => Buffer.from(JSON.stringify({ data: next() })))
  let sent = 0
  const publisher = async (): Promise<void> => {
    while (sent < WINDOWS) {
      const i = sent++
      await sensor.publish(`sensors/fan-${i % DEVICES}/acceleration`, bodies[i % 256]!)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, publisher))
}

/** Windows a second between the first sight of some and the last, and what one costs the server's process. */
async function measure(url: string): Promise<{ rate: number; micros: number }> {
  await until(async () => (await countOf(url, 'taken')) > 1000, 'the first windows', 120_000)
  const used = await processorSeconds(url)
  const began = performance.now()
  const before = await countOf(url, 'taken')
  let taken = before
  await until(
    async () => {
      await sleep(100)
      taken = await countOf(url, 'taken')
      return taken >= WINDOWS
    },
    'all windows are taken',
    120_000,
  )
  const now = performance.now()
  const seconds = (await processorSeconds(url)) - used
  const windows = taken - before
  return { rate: windows / ((now - began) / 1000), micros: (seconds / windows) * 1e6 }
}

async function processorSeconds(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  return Number(/^process_cpu_seconds_total ([\d.]+)/m.exec(text)?.[1])
}

async function countOf(url: string, outcome: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  const line = new RegExp(`^duga_stream_messages_total{.*outcome="${outcome}"} (\\d+)`, 'm')
  return Number(line.exec(text)?.[1] ?? 0)
}
