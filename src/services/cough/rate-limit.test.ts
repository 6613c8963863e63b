import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createManualClock } from '../../clock.ts'
import { DugaError } from '../../errors.ts'
import { createRateLimit } from './rate-limit.ts'

test('so many in any minute, then 429 with the seconds to wait', () => {
  const clock = createManualClock()
  const count = createRateLimit(clock, { perMinute: 3, trusted: [] })
  count('10.0.0.1')
  clock.advance(20_000)
  count('10.0.0.1')
  count('10.0.0.1')
  const refused = (seconds: number) => (error: unknown) => {
    return error instanceof DugaError && error.status === 429 && error.retryAfter === seconds
  }
  assert.throws(() => count('10.0.0.1'), refused(40))
  assert.throws(() => count('::ffff:10.0.0.1'), refused(40))
  count('10.0.0.2')
  clock.advance(40_000)
  count('10.0.0.1')
  assert.throws(() => count('10.0.0.1'), refused(20))
})

test('trusted addresses and ranges are free, and 0 is off', () => {
  const clock = createManualClock()
  const count = createRateLimit(clock, {
    perMinute: 1,
    trusted: ['127.0.0.1', '10.1.0.0/16', '::1'],
  })
  for (const address of ['127.0.0.1', '::ffff:127.0.0.1', '10.1.2.3', '::1']) {
    count(address)
    count(address)
  }
  const off = createRateLimit(clock, { perMinute: 0, trusted: [] })
  off('192.168.0.1')
  off('192.168.0.1')
  assert.throws(() => createRateLimit(clock, { perMinute: 1, trusted: ['nonsense'] }), TypeError)
})

test('an IPv6 client is its /64', () => {
  const count = createRateLimit(createManualClock(), { perMinute: 1, trusted: [] })
  count('2001:db8:1:2::1')
  count('2001:db8:1:3::1')
  assert.throws(() => count('2001:db8:1:2:ffff::9'), DugaError)
})
