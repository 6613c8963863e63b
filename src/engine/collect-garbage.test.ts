// Dead arrays are given back without V8's own collection.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { getHeapStatistics } from 'node:v8'
import { createCollector } from './collect-garbage.ts'

const MB = 1024 * 1024

test('arrays that died between calls do not gather', () => {
  const collect = createCollector(4 * MB)
  const before = getHeapStatistics().external_memory
  for (let i = 0; i < 100; i += 1) {
    new Uint8Array(MB).fill(i)
    collect()
  }
  const gathered = getHeapStatistics().external_memory - before
  assert.ok(gathered < 24 * MB, `${gathered / MB} MB`)
})

test('what is alive stays, and does not make every call collect', () => {
  const collect = createCollector(4 * MB)
  const alive: Uint8Array[] = []
  for (let i = 0; i < 20; i += 1) {
    alive.push(new Uint8Array(MB).fill(i))
    collect()
  }
  assert.deepEqual(
    alive.map((array) => array[MB - 1]),
    alive.map((_, i) => i),
  )
})
