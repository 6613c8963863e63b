// Bounded in memory and in the store, and nothing learned is lost on the way between them.
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { createManualClock } from '../../clock.ts'
import { openStores, type Stores } from '../../store/stores.ts'
import { init } from '../../tensor/dynamic-threshold.ts'
import type { VibrationAnswer } from './answer.ts'
import { createDevices, type DevicesOptions } from './devices.ts'
import type { VibrationSpec } from './spec.ts'
import { createTimestampSource } from './timestamps.ts'

const clock = createManualClock()
const spec = {
  initial: init(Array.from({ length: 200 }, (_, i) => 0.01 + i * 1e-5)),
  quantile: 0.99,
  driftAfter: 500,
} as VibrationSpec

async function open(t: TestContext): Promise<Stores> {
  const stores = await openStores({ kind: 'sqlite', file: ':memory:' }, clock)
  t.after(() => stores.close())
  return stores
}

function create(stores: Stores, options: DevicesOptions = {}) {
  const timestamps = createTimestampSource(clock)
  const devices = createDevices(stores.deviceThresholds, timestamps, options)
  const judge = (device: string | null, error = 0.011, version = 'v1.0.0') =>
    devices.judge({
      data: new Array(24).fill({}),
      answer: {
        timestamp: '',
        reconstruction_error: error,
        anomaly_status: false,
        threshold: 1,
        threshold_source: 'seed',
        threshold_samples: 200,
        device_id: device,
        model_version: version,
      } satisfies VibrationAnswer,
      spec,
    })
  return { devices, judge }
}

test('devices beyond the memory are read back with all they learned', async (t) => {
  const { devices, judge } = create(await open(t), { inMemory: 5 })
  for (let round = 0; round < 4; round++) {
    for (let i = 0; i < 20; i++) {
      const { answer } = await judge(`device-${i}`)
      assert.equal(answer.threshold_samples, 200 + round)
      if (i % 5 === 4) await devices.flush()
    }
    assert.ok(devices.size() <= 10, `${devices.size()} devices in memory`)
  }
})

test('the store keeps the devices last heard of', async (t) => {
  const stores = await open(t)
  const { devices, judge } = create(stores, { stored: 3 })
  for (let i = 0; i < 6; i++) await judge(`device-${i}`)
  await judge('device-0')
  assert.equal(await devices.flush(), 6)
  assert.equal(await devices.flush(), 0)
  assert.equal(await stores.deviceThresholds.get('device-3'), null)
  for (const kept of ['device-0', 'device-4', 'device-5']) {
    assert.ok(await stores.deviceThresholds.get(kept))
  }
})

test('requests of one device at once are learned one after another', async (t) => {
  const { devices, judge } = create(await open(t))
  const judged = await Promise.all(Array.from({ length: 40 }, () => judge('busy')))
  const samples = judged.map(({ answer }) => answer.threshold_samples)
  assert.deepEqual(
    samples.toSorted((a, b) => a - b),
    Array.from({ length: 40 }, (_, i) => 200 + i),
  )
  assert.equal(judged.filter(({ completed }) => completed !== null).length, 8)
  assert.equal(devices.size(), 1)
})

test('a device without a name is one of its own, and devices do not share thresholds', async (t) => {
  const { judge } = create(await open(t))
  for (let i = 0; i < 600; i++) await judge('loud', 0.05)
  assert.equal((await judge('loud', 0.05)).answer.anomaly_status, false)
  assert.equal((await judge('loud', 0.05)).answer.threshold_source, 'relearned')
  assert.equal((await judge(null, 0.05)).answer.anomaly_status, true)
})

test('nothing is lost where the store fails: the next flush writes it', async (t) => {
  const stores = await open(t)
  const other = await openStores({ kind: 'sqlite', file: ':memory:' }, clock)
  let broken = true
  const store = {
    ...stores.deviceThresholds,
    // The failure is a closed database's own.
    putAll: (rows: Parameters<typeof stores.deviceThresholds.putAll>[0]) =>
      (broken ? other : stores).deviceThresholds.putAll(rows),
  }
  await other.close()
  const { devices, judge } = create({ ...stores, deviceThresholds: store })
  await judge('pump')
  await assert.rejects(devices.flush())
  broken = false
  assert.equal(await devices.flush(), 1)
  assert.ok(await stores.deviceThresholds.get('pump'))
})
