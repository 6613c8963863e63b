// What every database must do for the vibration service's devices and plots; a part of the suite of stores.
import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { SideRow } from '../../src/store/side-row.ts'
import type { Stores } from '../../src/store/stores.ts'
import { prediction } from './samples.ts'

export function vibrationContract(stores: () => Stores): void {
  it('replaces the states of devices, and keeps those last heard of', async () => {
    const { deviceThresholds } = stores()
    assert.equal(await deviceThresholds.latest(), 0)
    const row = (device: string, updated: number, state: object = {}) => ({
      device,
      version: 'v1.0.0',
      state: state as never,
      updated,
    })
    const names = Array.from({ length: 450 }, (_, i) => `device-${i}`)
    await deviceThresholds.putAll(names.map((name, i) => row(name, i + 1)))
    const micros = Date.UTC(2026, 0, 1) * 1000 + 1
    await deviceThresholds.putAll([
      row('device-0', micros, { sketch: { counts: [0.5] } }),
      row('', 2e3),
    ])
    assert.deepEqual(await deviceThresholds.get('device-0'), {
      device: 'device-0',
      version: 'v1.0.0',
      state: { sketch: { counts: [0.5] } },
      updated: micros,
    })
    assert.equal(await deviceThresholds.latest(), micros)
    assert.equal(await deviceThresholds.prune(1000), 0)
    assert.equal(await deviceThresholds.prune(3), 448)
    assert.ok(await deviceThresholds.get(''))
    assert.ok(await deviceThresholds.get('device-449'))
    assert.equal(await deviceThresholds.get('device-448'), null)
    // Names are compared byte by byte.
    assert.equal(await deviceThresholds.get('DEVICE-449'), null)
    await deviceThresholds.putAll([row('device-449 ', 3e3)])
    assert.equal((await deviceThresholds.get('device-449'))?.updated, 450)
  })

  it('writes plots and anomalies with their answer, all or none', async () => {
    const { history, vibrationPlots, vibrationAnomalies } = stores()
    const timestamp = '2026-01-01T00:00:00.000002'
    const plot = {
      table: 'vibration_plots',
      deviceId: null,
      timestamp,
      points: '{"batches":[1]}',
      created: 2,
    } as const
    const anomaly = {
      table: 'vibration_anomalies',
      deviceId: 'fan',
      timestamp,
      reconstructionError: 0.3,
      threshold: 0.1,
    } as const
    await history.append(prediction({ service: 'vibration' }), [plot, anomaly])
    assert.deepEqual(await vibrationPlots.get(timestamp), { batches: [1] })
    assert.equal((await vibrationAnomalies.list({ limit: 1 }))[0]?.reconstructionError, 0.3)
    // The timestamp is taken: neither the answer nor the anomaly is written.
    const before = (await vibrationAnomalies.list()).length
    await assert.rejects(history.append(prediction({ service: 'vibration' }), [anomaly, plot]))
    assert.equal((await vibrationAnomalies.list()).length, before)
  })

  it('deletes the oldest anomalies, up to a timestamp', async () => {
    const { history, vibrationAnomalies } = stores()
    while ((await vibrationAnomalies.deleteOldest('9')) > 0);
    const anomaly = (timestamp: string): SideRow => ({
      table: 'vibration_anomalies',
      deviceId: 'fan',
      timestamp,
      reconstructionError: 0.3,
      threshold: 0.1,
    })
    const times = ['2025-12-31T23:59:59.999998', '2026-01-01T00:00:00.000000']
    await history.append(prediction({ service: 'vibration' }), times.map(anomaly))
    assert.equal(await vibrationAnomalies.deleteOldest(times[1]!), 1)
    assert.equal(await vibrationAnomalies.deleteOldest(times[1]!), 0)
    const left = await vibrationAnomalies.list()
    assert.deepEqual(
      left.map(({ timestamp }) => timestamp),
      [times[1]],
    )
  })

  it('keeps the newest plots', async () => {
    const { history, vibrationPlots } = stores()
    for (let i = 3; i < 8; i++) {
      const timestamp = `2026-01-01T00:00:00.00000${i}`
      await history.append(prediction({ service: 'vibration' }), [
        { table: 'vibration_plots', deviceId: 'fan', timestamp, points: '{}', created: i },
      ])
    }
    assert.equal(await vibrationPlots.latest(), 7)
    assert.equal(await vibrationPlots.prune(2), 4)
    assert.equal(await vibrationPlots.get('2026-01-01T00:00:00.000005'), null)
    assert.deepEqual(await vibrationPlots.get('2026-01-01T00:00:00.000006'), {})
  })
}
