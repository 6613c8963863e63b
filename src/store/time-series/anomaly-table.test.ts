// Anomalies in a real PostgreSQL, also in a table that the old service made: each once, whatever acknowledgement is lost.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { findServer } from '../../../test/builders/database-server.ts'
import { until } from '../../../test/builders/serve-process.ts'
import { startTcpProxy } from '../../../test/builders/tcp-proxy.ts'
import { type Forwarder, startForwarder } from '../outbox/forwarder.ts'
import { createAnomalyTableTarget } from './anomaly-table.ts'

const server = await findServer('postgres')
after(() => server.close())

interface Row {
  readonly id: number
  readonly device_id: string | null
  readonly timestamp: string
  readonly reconstruction_error: number
}

const record = (i: number): Buffer =>
  Buffer.from(
    JSON.stringify({
      device_id: i % 3 === 0 ? null : `fan-${i % 3}`,
      timestamp: `2026-01-01T00:00:00.${String(i).padStart(6, '0')}`,
      reconstruction_error: i / 4,
      threshold: 0.5,
    }),
  )
const records = (from: number, to: number): Buffer[] =>
  Array.from({ length: to - from }, (_, i) => record(from + i))

test('rows arrive once and in order through outages and lost acknowledgements', {
  skip: server.skip,
}, async (t) => {
  const target = server.newTarget()
  await server.ask(`create database ${target.database}`)
  // As SQLAlchemy made it.
  await server.ask(
    'create table vibration_anomalies (id serial primary key, device_id varchar, timestamp timestamp, ' +
      'reconstruction_error float, threshold float)',
    target,
  )
  const proxy = await startTcpProxy(target.port)
  t.after(() => proxy.close())
  const folder = await mkdtemp(join(tmpdir(), 'duga-rows-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const warnings: string[] = []
  const say = (_: object, message: string): void => {
    warnings.push(message)
  }
  const log = { info: say, warn: say, error: say }
  const options = { folder, log, maxBytes: 2 ** 24, retryMs: 20, maxRetryMs: 100, lingerMs: 5 }
  const open = (): Promise<Forwarder> =>
    startForwarder(
      createAnomalyTableTarget({ ...target, host: '127.0.0.1', port: proxy.port }),
      options,
    )
  const rows = () => server.ask<Row>('select * from vibration_anomalies order by id', target)
  const drained = (forwarder: Forwarder) =>
    until(() => forwarder.state().records === 0, 'the outbox is empty')

  proxy.set({ state: 'refuse' })
  const first = await open()
  await first.append(records(0, 50))
  await until(() => first.state().failing !== null, 'it is known to be away')
  proxy.set({})
  await drained(first)

  // Commits, but nobody hears of it; then the process ends, and the next one sends the same again.
  proxy.set({ loseAnswers: true })
  await first.append(records(50, 70))
  await until(() => proxy.lost() > 0, 'an answer is lost')
  await first.close()
  proxy.set({})
  const second = await open()
  await drained(second)
  await rm(join(folder, 'postgres', 'cursor'))
  await second.close()
  // Even the outbox' own memory of what it has sent may be lost.
  const third = await open()
  await third.append(records(70, 80))
  await drained(third)

  // A row that the table does not take is set aside.
  const bad = Buffer.from(JSON.stringify({ device_id: 'x', timestamp: 'never' }))
  await third.append([record(80), bad, record(81)])
  await drained(third)
  assert.equal(third.state().refused, 1)
  await third.close()

  const found = await rows()
  assert.deepEqual(
    found.map(({ reconstruction_error }) => reconstruction_error * 4),
    Array.from({ length: 82 }, (_, i) => i),
  )
  assert.equal(found[4]?.timestamp, '2026-01-01 00:00:00.000004')
  assert.equal(found[4]?.device_id, 'fan-1')
  assert.equal(found[3]?.device_id, null)
  assert.ok(warnings.some((message) => message.includes('postgres is away')))
  assert.ok(warnings.some((message) => message.includes('postgres is back')))
})

test('database and table are made where they are missing', { skip: server.skip }, async (t) => {
  const target = server.newTarget()
  const table = createAnomalyTableTarget(target)
  t.after(() => table.close())
  const signal = new AbortController().signal
  await table.deliver([{ payload: record(1), end: 9 }], 'one', signal)
  await table.deliver([{ payload: record(1), end: 9 }], 'one', signal)
  await table.deliver([{ payload: record(2), end: 9 }], 'another', signal)
  const found = await server.ask<Row>('select * from vibration_anomalies', target)
  assert.equal(found.length, 2)
})
