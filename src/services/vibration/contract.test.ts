// The old client's calls, through real validation, engine, and database.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, type TestContext, test } from 'node:test'
import { createVibrationApp, type VibrationApp } from '../../../test/builders/vibration-app.ts'
import { buildVibrationModel } from '../../../test/builders/vibration-model.ts'
import { createBatch, createWindows } from '../../../test/builders/vibration-windows.ts'
import type { VibrationAnswer } from './answer.ts'
import { TIMESTAMP } from './timestamps.ts'

const model = buildVibrationModel()

async function infer(app: VibrationApp['app'], body: unknown): Promise<VibrationAnswer> {
  const reply = await app.inject({ method: 'POST', url: '/infer', payload: body as object })
  assert.equal(reply.statusCode, 200, reply.body)
  return reply.json()
}

async function createHome(t: TestContext): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'duga-vibration-'))
  t.after(() => rm(home, { recursive: true, force: true }))
  return home
}

describe('with a model', () => {
  let home = ''
  let vibration: VibrationApp

  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'duga-vibration-'))
    vibration = await createVibrationApp(home)
    await vibration.load(model)
  })

  after(async () => {
    await vibration.close()
    await rm(home, { recursive: true, force: true })
  })

  test('a normal batch', async () => {
    const answer = await infer(vibration.app, createBatch({ seed: 1 }))
    assert.match(answer.timestamp, TIMESTAMP)
    assert.equal(answer.anomaly_status, false)
    assert.ok(answer.reconstruction_error > 0)
    assert.ok(answer.reconstruction_error < answer.threshold)
    assert.equal(answer.threshold_source, 'seed')
    assert.equal(answer.threshold_samples, 400)
    assert.equal(answer.device_id, null)
    assert.equal(answer.model_version, 'v1.0.0')
  })

  test('an anomalous batch is in the table of the contract and in the history as it was answered', async () => {
    const answer = await infer(vibration.app, createBatch({ seed: 2, shake: 8, device: 'fan-1' }))
    assert.equal(answer.anomaly_status, true)
    assert.ok(answer.reconstruction_error > answer.threshold)
    const [row] = await vibration.stores.vibrationAnomalies.list({ limit: 1 })
    assert.equal(row?.deviceId, 'fan-1')
    assert.equal(row?.timestamp, answer.timestamp)
    assert.equal(row?.reconstructionError, answer.reconstruction_error)
    assert.equal(row?.threshold, answer.threshold)
    const page = await vibration.stores.history.list('vibration', { limit: 1 })
    assert.deepEqual(page.items[0]?.answer, answer)
    assert.equal(page.items[0]?.label, 'anomaly')
    assert.equal(page.items[0]?.input, 'fan-1')
  })

  test('the live stream gets the answer and the points', async () => {
    const body = createBatch({ seed: 3, device: 'fan-live' })
    const answer = await infer(vibration.app, body)
    const { event, data } = vibration.published.at(-1)!
    assert.equal(event, 'batch')
    assert.deepEqual(data, { ...answer, data: body.data })
  })

  test('every fifth batch of a device completes its buffer and has a plot, others have none', async () => {
    const next = createWindows({ seed: 4 })
    const answers: VibrationAnswer[] = []
    for (let i = 0; i < 10; i++) {
      answers.push(await infer(vibration.app, { data: next(), device_id: 'fan-plot' }))
      await infer(vibration.app, { data: next(), device_id: `other-${i}` })
    }
    for (const [i, { timestamp }] of answers.entries()) {
      const reply = await vibration.app.inject(`/plot/${timestamp}`)
      if (i % 5 !== 4) {
        assert.equal(reply.statusCode, 404)
        assert.ok(reply.json().detail)
        continue
      }
      assert.equal(reply.statusCode, 200)
      assert.equal(reply.headers['content-type'], 'image/png')
      assert.equal(reply.rawPayload.subarray(1, 4).toString('latin1'), 'PNG')
    }
    const encoded = encodeURIComponent(answers[4]!.timestamp)
    const [slash, escaped] = await Promise.all([
      vibration.app.inject(`/plot/${answers[4]!.timestamp}/`),
      vibration.app.inject(`/plot/${encoded}`),
    ])
    assert.equal(slash.statusCode, 200)
    assert.equal(escaped.statusCode, 200)
  })

  test('a plot of no answer is 404, whatever it is called', async () => {
    const names = ['2024-12-20T10:00:00.000000', 'x', '..%2F..%2Fduga.db', '%00', "'; drop--", '1']
    for (const name of names) {
      const reply = await vibration.app.inject(`/plot/${name}`)
      assert.equal(reply.statusCode, 404, name)
      assert.ok(reply.json().detail)
    }
  })

  test('timestamps are unique among answers at once', async () => {
    const body = createBatch({ seed: 5 })
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, i) =>
        infer(vibration.app, { ...body, device_id: `unique-${i % 3}` }),
      ),
    )
    assert.equal(new Set(answers.map(({ timestamp }) => timestamp)).size, 60)
  })

  const points = createBatch().data
  const [first, ...rest] = points
  const malformed: readonly (readonly [string, unknown, string?])[] = [
    ['no data', {}, 'data'],
    ['23 points', { data: points.slice(1) }, 'data'],
    ['25 points', { data: [...points, first] }, 'data'],
    ['no list', { data: { 0: first } }, 'data'],
    ['strings', { data: [{ ...first, x_accelerometer_data: '0.12' }, ...rest] }, '0'],
    ['null', { data: [{ ...first, z_accelerometer_data: null }, ...rest] }, '0'],
    ['a missing axis', { data: [...rest, { x_accelerometer_data: 1 }] }, '23'],
    ['a number too large', { data: [{ ...first, y_accelerometer_data: 1e300 }, ...rest] }, '0'],
    ['a number as device', { data: points, device_id: 5 }, 'device_id'],
    ['a list as body', [points]],
    ['a device name too long', { data: points, device_id: 'x'.repeat(300) }, 'device_id'],
  ]
  for (const [name, body, place] of malformed) {
    test(`422 with detail: ${name}`, async () => {
      const reply = await vibration.app.inject({
        method: 'POST',
        url: '/infer',
        payload: body as object,
      })
      assert.equal(reply.statusCode, 422)
      const [finding] = reply.json().detail
      assert.equal(finding.loc[0], 'body')
      assert.equal(typeof finding.msg, 'string')
      assert.equal(typeof finding.type, 'string')
      if (place !== undefined) assert.ok(finding.loc.map(String).includes(place), reply.body)
    })
  }

  for (const text of [
    '{"data":[NaN]}',
    '{"data":[',
    '',
    JSON.stringify({ data: [1e5] }).replace('100000', '1e999'),
  ]) {
    test(`422 with detail: the text ${JSON.stringify(text)}`, async () => {
      const reply = await vibration.app.inject({
        method: 'POST',
        url: '/infer',
        headers: { 'content-type': 'application/json' },
        payload: text,
      })
      assert.equal(reply.statusCode, 422)
      assert.ok(Array.isArray(reply.json().detail))
    })
  }

  test('a constant signal is answered', async () => {
    const zero = {
      x_accelerometer_data: 0,
      y_accelerometer_data: 0,
      z_accelerometer_data: 0,
      acceleration_accelerometer_data: 0,
    }
    const answer = await infer(vibration.app, { data: new Array(24).fill(zero) })
    assert.ok(Number.isFinite(answer.reconstruction_error))
  })
})

test('thresholds, timestamps and plots survive a restart', async (t) => {
  const home = await createHome(t)
  const next = createWindows({ seed: 6 })
  const first = await createVibrationApp(home)
  await first.load(model)
  let last: VibrationAnswer | undefined
  for (let i = 0; i < 10; i++) last = await infer(first.app, { data: next(), device_id: 'pump' })
  await first.close()

  // The clock stands an hour back, as after a change of the battery.
  const second = await createVibrationApp(home, { clock: { now: () => Date.now() - 3_600_000 } })
  t.after(() => second.close())
  await second.load(model)
  const answer = await infer(second.app, { data: next(), device_id: 'pump' })
  assert.equal(answer.threshold_samples, 410)
  assert.ok(answer.timestamp > last!.timestamp)
  const plot = await second.app.inject(`/plot/${last!.timestamp}`)
  assert.equal(plot.statusCode, 200)
  // A new model's errors are on another scale: its own training errors are the threshold again.
  await second.load(buildVibrationModel({ seed: 8 }), 'v1.0.1')
  const changed = await infer(second.app, { data: next(), device_id: 'pump' })
  assert.equal(changed.threshold_samples, 400)
  assert.equal(changed.model_version, 'v1.0.1')
})

test('a model without training errors learns its threshold', async (t) => {
  const vibration = await createVibrationApp(await createHome(t))
  t.after(() => vibration.close())
  await vibration.load(buildVibrationModel({ seeded: false }))
  const next = createWindows({ seed: 9 })
  for (let i = 0; i < 30; i++) {
    const answer = await infer(vibration.app, { data: next() })
    assert.equal(answer.anomaly_status, false)
    assert.equal(answer.threshold_source, 'learning')
    assert.equal(answer.threshold_samples, i)
  }
  const shaken = await infer(vibration.app, createBatch({ seed: 9, shake: 12 }))
  assert.equal(shaken.anomaly_status, true)
})

test('a model of raw windows', async (t) => {
  const vibration = await createVibrationApp(await createHome(t))
  t.after(() => vibration.close())
  await vibration.load(buildVibrationModel({ features: 'raw' }))
  const normal = await infer(vibration.app, createBatch({ seed: 10 }))
  const shaken = await infer(vibration.app, createBatch({ seed: 10, shake: 10 }))
  assert.equal(normal.anomaly_status, false)
  assert.equal(shaken.anomaly_status, true)
})

test('no model: 503 with detail', async (t) => {
  const vibration = await createVibrationApp(await createHome(t))
  t.after(() => vibration.close())
  const reply = await vibration.app.inject({
    method: 'POST',
    url: '/infer',
    payload: createBatch(),
  })
  assert.equal(reply.statusCode, 503)
  assert.match(reply.json().detail, /no model/)
})
