// Points as lines: the examples of InfluxDB's reference, and names that would break a line.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { toLine } from './line-protocol.ts'

test('a point is a line', () => {
  const line = toLine({
    measurement: 'my Measurement,1',
    tags: { device_id: 'fan, 1=x', empty: '', absent: null },
    fields: { error: 0.25, high: true, text: 'a "b"\\' },
    micros: 1_465_839_830_100_400,
  })
  assert.equal(
    line,
    'my\\ Measurement\\,1,device_id=fan\\,\\ 1\\=x error=0.25,high=true,text="a \\"b\\"\\\\" 1465839830100400000',
  )
})

test('whatever a device is called, it is one line of three parts', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1 }), (device) => {
      const tags = { device_id: device }
      const line = toLine({ measurement: 'm', tags, fields: { f: 1 }, micros: 1 })
      assert.ok(!line.includes('\n'))
      // Parts are parted by spaces that no backslash stands before.
      assert.deepEqual(line.split(/(?<!\\) /).slice(1), ['f=1', '1000'])
    }),
    { numRuns: 50 },
  )
})
