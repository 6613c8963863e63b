// Which rows share a run.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Manifest } from '../manifest.ts'
import { batchLimit } from './batch-limit.ts'

function limit(shape: readonly (number | null)[], maxBatch: number, threads: number): number {
  const inputs = [{ name: 'x', type: 'float32', shape }]
  return batchLimit({ inputs, maxBatch } as unknown as Manifest, threads)
}

test('small rows fill the batch that the manifest allows', () => {
  assert.equal(limit([null, 24], 64, 1), 64)
  assert.equal(limit([null, 24], 64, 4), 64)
})

test('large rows run together only where there are threads for them', () => {
  assert.equal(limit([null, 3, 128, 128], 16, 1), 1)
  assert.equal(limit([null, 3, 128, 128], 16, 4), 4)
  assert.equal(limit([null, 3, 128, 128], 2, 4), 2)
})

test('a graph for one row stays at one', () => {
  assert.equal(limit([1, 3, 640, 640], 1, 4), 1)
})
