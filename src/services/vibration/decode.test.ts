// From points to the model's row: pandas' features, the scaler in float64, the shape that the manifest names.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { createManualClock } from '../../clock.ts'
import type { DecodeContext } from '../../engine/service.ts'
import { DugaError } from '../../errors.ts'
import type { Json } from '../../json.ts'
import type { Manifest } from '../../manifest.ts'
import { toAnswer } from './answer.ts'
import { decode } from './decode.ts'
import type { VibrationInput } from './input.ts'

interface Case {
  readonly x: number[]
  readonly y: number[]
  readonly z: number[]
  readonly acceleration: number[]
  readonly features: number[]
}

const { cases } = JSON.parse(
  readFileSync(new URL('../../tensor/fixtures/window-statistics.json', import.meta.url), 'utf8'),
) as { cases: Case[] }

const toInput = ({ x, y, z, acceleration }: Case): VibrationInput => ({
  data: x.map((value, i) => ({
    x_accelerometer_data: value,
    y_accelerometer_data: y[i]!,
    z_accelerometer_data: z[i]!,
    acceleration_accelerometer_data: acceleration[i]!,
  })),
})

function context(
  fields: { [key: string]: Json },
  { shape = [null, 24, 1] as (number | null)[], outputs = ['output'] } = {},
): DecodeContext {
  const manifest: Manifest = {
    format: 1,
    service: 'vibration',
    version: 'v1.0.0',
    created: '2026-01-01T00:00:00.000Z',
    parent: null,
    files: {},
    inputs: [{ name: 'keras_tensor', type: 'float32', shape }],
    outputs: outputs.map((name) => ({ name, type: 'float32', shape })),
    maxBatch: 1,
    labels: null,
    decode: fields,
    answer: {},
    golden: null,
    metrics: {},
    origin: {},
  }
  return {
    manifest,
    run: () => Promise.reject(new Error('no roles')),
    file: () => Promise.reject(),
  }
}

async function rowOf(input: VibrationInput, decodeContext: DecodeContext): Promise<Float32Array> {
  const { feeds, extra } = await decode(input, decodeContext)
  const { data } = feeds.keras_tensor!
  if (extra !== undefined) assert.deepEqual(extra, Array.from(data as Float32Array))
  return data as Float32Array
}

test('the features go through the scaler in float64, then become float32', async () => {
  const mean = Array.from({ length: 24 }, (_, i) => i / 7 - 1)
  const scale = Array.from({ length: 24 }, (_, i) => 0.1 + i / 13)
  for (const item of cases) {
    const expected = item.features.map((value, i) => Math.fround((value - mean[i]!) / scale[i]!))
    for (const scaler of [
      { mean, scale },
      { min: mean, range: scale },
    ]) {
      const row = await rowOf(toInput(item), context({ features: 'statistics24', scaler }))
      for (const [i, value] of expected.entries()) {
        assert.ok(Math.abs(row[i]! - value) <= 2e-7 * Math.abs(value) + 1e-7, `feature ${i}`)
      }
    }
  }
})

test('raw windows are x, y, z, acceleration point by point, scaled by channel or by value', async () => {
  const item = cases[0]!
  const scaler = { mean: [1, 2, 3, 4], scale: [1, 2, 4, 8] }
  const raw = context({ features: 'raw', scaler }, { shape: [null, 24, 4] })
  const { feeds } = await decode(toInput(item), raw)
  assert.deepEqual(feeds.keras_tensor!.dims, [1, 24, 4])
  assert.equal(feeds.keras_tensor!.data[4 * 5], Math.fround(item.x[5]! - 1))
  assert.equal(feeds.keras_tensor!.data[4 * 5 + 1], Math.fround((item.y[5]! - 2) / 2))
  assert.equal(feeds.keras_tensor!.data[4 * 5 + 2], Math.fround((item.z[5]! - 3) / 4))
  assert.equal(feeds.keras_tensor!.data[4 * 5 + 3], Math.fround((item.acceleration[5]! - 4) / 8))
  const wide = (values: number[]) => Array.from({ length: 96 }, (_, i) => values[i % 4]!)
  const each = { mean: wide(scaler.mean), scale: wide(scaler.scale) }
  const same = context({ features: 'raw', scaler: each }, { shape: [null, 24, 4] })
  assert.deepEqual(await decode(toInput(item), same), await decode(toInput(item), raw))
})

test('without a scaler the features go in as they are, flat where the graph is', async () => {
  const { feeds } = await decode(toInput(cases[0]!), context({}, { shape: [null, 24] }))
  assert.deepEqual(feeds.keras_tensor!.dims, [1, 24])
  assert.ok(Math.abs((feeds.keras_tensor!.data[4] as number) - cases[0]!.features[4]!) < 1e-6)
})

test('the error is the mean absolute difference in scaled units, also with the scaler in the graph', async () => {
  const input = toInput(cases[0]!)
  const clock = createManualClock()
  const tensor = (values: readonly number[]) =>
    ({ type: 'float32', dims: [1, 24, 1], data: Float32Array.from(values) }) as const
  const outside = context({})
  const { extra } = await decode(input, outside)
  const scaled = extra as number[]
  const rebuilt = scaled.map((value, i) => value + (i % 2 === 0 ? 0.5 : -0.25))
  const answer = toAnswer(
    { output: tensor(rebuilt) },
    { input, manifest: outside.manifest, extra, clock },
  )
  assert.ok(Math.abs(answer.reconstruction_error - 0.375) < 1e-6)
  const inside = context({ scaler: 'graph' }, { outputs: ['output', 'scaled'] })
  const decoded = await decode(input, inside)
  assert.equal(decoded.extra, undefined)
  const same = toAnswer(
    { output: tensor(rebuilt), scaled: tensor(scaled) },
    { input, manifest: inside.manifest, extra: undefined, clock },
  )
  assert.equal(same.reconstruction_error, answer.reconstruction_error)
})

test('a manifest that does not fit together is refused', () => {
  const bad: { [key: string]: Json }[] = [
    { features: 'fft' },
    { scaler: { mean: [1], scale: [1] } },
    { scaler: { mean: new Array<number>(24).fill(0), scale: new Array<number>(24).fill(0) } },
    { scaler: { mean: new Array<string>(24).fill('0'), scale: new Array<number>(24).fill(1) } },
    { scaler: 'graph' },
  ]
  for (const fields of bad) {
    assert.throws(() => decode(toInput(cases[0]!), context(fields)), TypeError)
  }
})

test('what is not 24 points of four numbers is input.invalid', () => {
  const good = toInput(cases[0]!)
  const [first, ...rest] = good.data
  const bad: unknown[] = [
    {},
    undefined,
    { data: rest },
    { data: 'points' },
    { data: [...rest, { ...first, x_accelerometer_data: '1' }] },
    { data: [...rest, { ...first, x_accelerometer_data: Number.NaN }] },
    { data: [...rest, null] },
  ]
  for (const input of bad) {
    assert.throws(
      () => decode(input as VibrationInput, context({})),
      (error) => error instanceof DugaError && error.code === 'input.invalid',
    )
  }
})
