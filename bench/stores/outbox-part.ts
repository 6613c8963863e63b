// How quickly an outbox empties into VictoriaMetrics once it is back, from disk to acknowledged.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startForwarder } from '../../src/store/outbox/forwarder.ts'
import { createInfluxTarget } from '../../src/store/time-series/influx.ts'
import { toLine } from '../../src/store/time-series/line-protocol.ts'
import { until } from '../../test/builders/serve-process.ts'
import { startStoreServer } from '../../test/builders/store-servers.ts'
import { type Line, median, show } from '../serve/report.ts'

const POINTS = 200_000
const ROUNDS = 3
const GOAL = 20_000
const START = Date.UTC(2026, 0, 1) * 1000

const log = { info: () => {}, warn: () => {}, error: () => {} }

export async function measureOutbox(): Promise<Line[]> {
  const rates: number[] = []
  for (let round = 0; round < ROUNDS; round++) rates.push(await drainOnce())
  return [
    {
      what: `outbox of ${POINTS} points into VictoriaMetrics, points/s`,
      goal: `≥ ${GOAL}`,
      measured: show(rates, 0),
      reached: median(rates) >= GOAL,
    },
  ]
}

async function drainOnce(): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'duga-bench-outbox-'))
  const server = await startStoreServer('victoriaMetrics')
  const { url } = server
  const target = createInfluxTarget({ url, bucket: 'bench', org: 'bench', token: null })
  const forwarder = await startForwarder(target, {
    ...{ folder, log, maxBytes: 2 ** 30, retryMs: 20, maxRetryMs: 20 },
  })
  try {
    await server.kill()
    await forwarder.append([toPoint(0)])
    await until(() => forwarder.state().failing !== null, 'it is known to be away')
    for (let i = 1; i < POINTS; i += 1000) {
      const batch = Math.min(1000, POINTS - i)
      await forwarder.append(Array.from({ length: batch }, (_, j) => toPoint(i + j)))
    }
    await server.start()
    const began = performance.now()
    await until(() => forwarder.state().records === 0, 'the outbox is empty', 120_000)
    return POINTS / ((performance.now() - began) / 1000)
  } finally {
    await forwarder.close()
    await server.close()
    await rm(folder, { recursive: true, force: true })
  }
}

function toPoint(i: number): Buffer {
  const fields = { reconstruction_error: 0.5 + (i % 1000) / 1000, threshold: 0.93 }
  const tags = { device_id: `fan-${i % 64}` }
  const line = toLine({ measurement: 'vibration_anomaly', tags, fields, micros: START + i * 1000 })
  return Buffer.from(line)
}
