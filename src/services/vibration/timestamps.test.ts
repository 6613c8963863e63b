// Unique whatever the clock does, and local.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import fc from 'fast-check'
import { createManualClock } from '../../clock.ts'
import { createTimestampSource, TIMESTAMP, toTimestamp } from './timestamps.ts'

test('timestamps differ and grow while the clock stands, jumps ahead or goes back', () => {
  const steps = fc.array(fc.integer({ min: -7_200_000, max: 7_200_000 }), { maxLength: 200 })
  fc.assert(
    fc.property(steps, (moves) => {
      const clock = createManualClock()
      const source = createTimestampSource(clock)
      const seen = new Set<string>()
      let before = 0
      for (const move of moves) {
        clock.advance(move)
        const timestamp = source.next()
        assert.match(timestamp, TIMESTAMP)
        assert.ok(!seen.has(timestamp))
        assert.ok(source.latest() > before)
        seen.add(timestamp)
        before = source.latest()
      }
    }),
  )
})

test('a source goes on after what another one gave', () => {
  const clock = createManualClock()
  const first = createTimestampSource(clock)
  const given = Array.from({ length: 50 }, () => first.next())
  const second = createTimestampSource(clock, first.latest())
  assert.ok(second.next() > given.at(-1)!)
})

test('the hour that a clock change repeats gives no timestamp twice', () => {
  // Berlin, 25 October 2026: at 01:00 UTC the clocks go from 03:00 back to 02:00.
  const script = `
    import { createTimestampSource } from ${JSON.stringify(new URL('timestamps.ts', import.meta.url).href)}
    let now = Date.UTC(2026, 9, 25, 0, 30)
    const first = createTimestampSource({ now: () => now }).next()
    now += 3_600_000
    const second = createTimestampSource({ now: () => now }).next()
    now += 3_600_000
    const third = createTimestampSource({ now: () => now }).next()
    console.log([first, second, third].join(' '))`
  const run = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    env: { ...process.env, TZ: 'Europe/Berlin' },
    encoding: 'utf8',
  })
  assert.equal(
    run.stdout.trim(),
    '2026-10-25T02:30:00.000000 2026-10-25T02:30:00.000001 2026-10-25T03:30:00.000000',
    run.stderr,
  )
})

test('a plain timestamp is local time to the millisecond', () => {
  const local = new Date(2026, 10, 22, 14, 3, 9, 87)
  assert.equal(toTimestamp(local.getTime()), '2026-11-22T14:03:09.087000')
})
