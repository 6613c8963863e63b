// The picture: drawn elsewhere, readable (its text is there), and bounded.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import sharp from 'sharp'
import { createBatch } from '../../../test/builders/vibration-windows.ts'
import { DugaError } from '../../errors.ts'
import type { VibrationAnswer } from './answer.ts'
import { type PlotRecord, toPlotRecord } from './plot-record.ts'
import { createPlotter } from './plotter.ts'

function createRecord(anomalous: readonly number[], device: string | null = 'fan-1'): PlotRecord {
  return toPlotRecord(
    Array.from({ length: 5 }, (_, i) => ({
      data: createBatch({ seed: i + 1, shake: anomalous.includes(i) ? 8 : 1 }).data,
      answer: {
        timestamp: `2026-11-22T14:03:0${i}.000002`,
        reconstruction_error: anomalous.includes(i) ? 4 : 0.5,
        anomaly_status: anomalous.includes(i),
        threshold: 1.2,
        threshold_source: 'seed',
        threshold_samples: 400,
        device_id: device,
        model_version: 'v1.0.0',
      } satisfies VibrationAnswer,
    })),
  )
}

/** How many pixels of a region are not white. */
async function inked(
  png: Uint8Array,
  region: { left: number; top: number; width: number; height: number },
): Promise<number> {
  const data = await sharp(png).extract(region).greyscale().raw().toBuffer()
  return data.filter((value) => value < 160).length
}

/** The mean red less the mean green of a column of the plot's background. */
async function redness(png: Uint8Array, left: number): Promise<number> {
  const region = { left, top: 150, width: 10, height: 40 }
  const { channels } = await sharp(await sharp(png).extract(region).toBuffer()).stats()
  return channels[0]!.mean - channels[1]!.mean
}

test('a picture has its title, its axes, its legend and its shaded anomaly', async (t) => {
  const plotter = createPlotter()
  t.after(() => plotter.close())
  const png = await plotter.draw(createRecord([3]))
  const { width, height, format } = await sharp(png).metadata()
  assert.deepEqual([width, height, format], [1200, 640, 'png'])
  assert.ok((await inked(png, { left: 20, top: 10, width: 300, height: 40 })) > 300, 'title')
  assert.ok((await inked(png, { left: 900, top: 20, width: 290, height: 30 })) > 200, 'legend')
  assert.ok((await inked(png, { left: 560, top: 600, width: 120, height: 36 })) > 50, 'x axis')
  assert.ok((await inked(png, { left: 0, top: 250, width: 40, height: 200 })) > 100, 'y axis')
  assert.ok((await redness(png, 760)) > 15, 'the anomalous batch is shaded')
  assert.ok(Math.abs(await redness(png, 320)) < 3, 'a normal batch is not')
})

test('names that are markup, long or absent are drawn', async (t) => {
  const plotter = createPlotter()
  t.after(() => plotter.close())
  for (const device of ['<svg/onload="x">&amp;', 'x'.repeat(255), '{a|b}\n✓ 扇', null]) {
    const png = await plotter.draw(createRecord([], device))
    assert.equal((await sharp(png).metadata()).width, 1200)
  }
})

test('more than may wait are refused, the rest are drawn in turn', async (t) => {
  const plotter = createPlotter({ queue: 3 })
  t.after(() => plotter.close())
  const record = createRecord([])
  const drawn = await Promise.allSettled(Array.from({ length: 5 }, () => plotter.draw(record)))
  assert.deepEqual(
    drawn.map(({ status }) => status),
    ['fulfilled', 'fulfilled', 'fulfilled', 'rejected', 'rejected'],
  )
  const refused = drawn[4] as PromiseRejectedResult
  assert.ok(refused.reason instanceof DugaError && refused.reason.code === 'overloaded')
})

test('a record that cannot be drawn fails alone, and closing fails what waits', async () => {
  const plotter = createPlotter()
  const bad = plotter.draw({ device: null, version: 'v1.0.0', batches: [] })
  const good = plotter.draw(createRecord([]))
  await assert.rejects(bad)
  assert.ok((await good).length > 10_000)
  const waiting = plotter.draw(createRecord([]))
  await Promise.all([plotter.close(), assert.rejects(waiting)])
})
