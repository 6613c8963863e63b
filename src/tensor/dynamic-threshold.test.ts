// What makes the threshold worth trusting: right when stationary, deaf to anomalies, bounded, and able to recover.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  init,
  source,
  type ThresholdOptions,
  type ThresholdState,
  threshold,
  update,
} from './dynamic-threshold.ts'
import { SKETCH_BUCKETS } from './quantile-sketch.ts'

const { cases } = JSON.parse(
  readFileSync(new URL('fixtures/dynamic-threshold.json', import.meta.url), 'utf8'),
) as { cases: { name: string; errors: number[]; p99: number }[] }

function feed(
  state: ThresholdState,
  errors: readonly number[],
  options: ThresholdOptions = {},
): { state: ThresholdState; anomalies: number } {
  let anomalies = 0
  for (const error of errors) {
    const verdict = update(state, error, options)
    anomalies += Number(verdict.anomaly)
    state = verdict.state
  }
  return { state, anomalies }
}

const gamma = cases.find(({ name }) => name === 'gamma')!
const seeded = init(gamma.errors.slice(0, 1000))

for (const { name, errors, p99 } of cases) {
  test(`stationary errors lead to NumPy's 99th percentile (${name})`, () => {
    for (const start of [init(errors.slice(0, 500)), init()]) {
      const { state, anomalies } = feed(start, errors)
      const found = threshold(state)!
      assert.ok(Math.abs(found / p99 - 1) < 0.03, `${found} is not ${p99}`)
      assert.ok(anomalies >= 20 && anomalies <= 60, `${anomalies} of 4000 were called anomalies`)
    }
  })

  test(`a seed that is too low or too high is corrected by the device's own errors (${name})`, () => {
    const long = [...errors, ...errors, ...errors]
    for (const factor of [0.9, 1.3]) {
      const wrong = init(errors.slice(0, 300).map((error) => error * factor))
      const found = threshold(feed(wrong, long).state)!
      assert.ok(Math.abs(found / p99 - 1) < 0.12, `${found} is not ${p99} (seed × ${factor})`)
    }
  })
}

test('a seed alone gives its percentile, and says so', () => {
  const state = init(gamma.errors)
  assert.ok(Math.abs(threshold(state)! / gamma.p99 - 1) < 0.01)
  assert.equal(source(state), 'seed')
  assert.equal(state.seeded, 1000)
  assert.equal(source(init()), 'learning')
  assert.equal(source(feed(init(gamma.errors.slice(0, 200)), gamma.errors).state), 'learned')
})

test('gross anomalies never raise the threshold', () => {
  const gross = fc.array(fc.double({ min: 0.5, max: 1e6, noNaN: true }), { maxLength: 400 })
  const before = threshold(seeded)!
  fc.assert(
    fc.property(gross, (errors) => {
      const { state, anomalies } = feed(seeded, errors)
      assert.equal(anomalies, errors.length)
      assert.equal(threshold(state), before)
    }),
  )
})

test('a burst of slight anomalies adds three errors at most', () => {
  const before = threshold(seeded)!
  const ready = feed(seeded, new Array<number>(500).fill(0.02)).state
  const start = threshold(ready)!
  fc.assert(
    fc.property(fc.double({ min: 1.01, max: 1.5, noNaN: true }), (factor) => {
      const { state } = feed(ready, new Array<number>(400).fill(before * factor))
      assert.ok(state.samples - ready.samples <= 3)
      assert.ok(threshold(state)! <= start * 1.05)
    }),
  )
})

test('gross anomalies scattered among normal errors leave the threshold where it was', () => {
  const mixed = gamma.errors.flatMap((error, i) => (i % 10 === 0 ? [error, 0.4] : [error]))
  const { state } = feed(seeded, mixed)
  assert.ok(Math.abs(threshold(state)! / gamma.p99 - 1) < 0.03)
})

test('a greater error is never judged milder, and an ordinary one never raises the threshold', () => {
  const error = fc.double({ min: 0, max: 0.2, noNaN: true })
  fc.assert(
    fc.property(fc.array(error, { maxLength: 50 }), error, error, (past, a, b) => {
      const { state } = feed(seeded, past)
      const low = update(state, Math.min(a, b))
      const high = update(state, Math.max(a, b))
      assert.ok(Number(high.anomaly) >= Number(low.anomaly))
      if (!low.anomaly) assert.ok(threshold(low.state)! <= low.threshold)
    }),
  )
})

test('the state stays small, is JSON, and the same errors give the same state', () => {
  const error = fc.double({ min: 0, max: 1e9, noNaN: true })
  fc.assert(
    fc.property(fc.array(error, { maxLength: 300 }), (errors) => {
      const options = { driftAfter: 50, memory: 100 }
      const { state } = feed(init([0.1, 0.2]), errors, options)
      assert.ok(state.sketch.counts.length <= SKETCH_BUCKETS)
      assert.ok(state.sketch.total < 201)
      assert.ok(state.suspects.length < 50)
      const carried = JSON.parse(JSON.stringify(state)) as ThresholdState
      assert.deepEqual(carried, state)
      assert.deepEqual(feed(carried, errors, options), feed(state, errors, options))
    }),
  )
})

test('identical errors are never anomalies', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-9, max: 1e3, noNaN: true }), (error) => {
      assert.equal(feed(init(), new Array<number>(300).fill(error)).anomalies, 0)
    }),
  )
})

test('a device that settles on a new level recovers', () => {
  const raised = gamma.errors.slice(0, 1000).map((error) => error * 20)
  const { state, anomalies } = feed(seeded, raised, { driftAfter: 200 })
  assert.ok(anomalies >= 200 && anomalies < 230, String(anomalies))
  assert.equal(source(state), 'relearned')
  assert.ok(Math.abs(threshold(state)! / (20 * gamma.p99) - 1) < 0.15)
})

test('a level that keeps rising, a short burst and driftAfter 0 are not a new normal', () => {
  const rising = Array.from({ length: 600 }, (_, i) => 0.5 * 1.01 ** i)
  assert.equal(feed(seeded, rising, { driftAfter: 200 }).anomalies, 600)
  const high = new Array<number>(199).fill(0.5)
  const calm = new Array<number>(30).fill(0.02)
  const bursts = [...high, ...calm, ...high, ...calm]
  const burst = feed(seeded, bursts, { driftAfter: 500 })
  assert.equal(burst.anomalies, 398)
  assert.equal(source(burst.state), 'seed')
  const long = new Array<number>(3000).fill(0.5)
  assert.equal(feed(seeded, long, { driftAfter: 0 }).anomalies, 3000)
})

test('what is not an error is refused', () => {
  for (const value of [Number.NaN, -1e-9, Number.POSITIVE_INFINITY]) {
    assert.throws(() => update(seeded, value), RangeError)
    assert.throws(() => init([value]), RangeError)
  }
})
