// Slow: after many swaps under load the memory is what it was, and the main thread stays awake while lanes are full.
// Both are about the whole process, so each runs in one of its own, with malloc as the server is started (see below).
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'

// glibc raises its mmap threshold to the largest block freed, after which model weights stay in its heaps for good.
const env = { ...process.env, MALLOC_MMAP_THRESHOLD_: '262144' }
const script = new URL('../../test/builders/swap-load.ts', import.meta.url)

test('20 swaps of a 29 MB model under load give their memory back', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [script.pathname], { env })
  const { rssMb, eventLoopP99Ms, answered, failed } = JSON.parse(stdout) as {
    rssMb: number[]
    eventLoopP99Ms: number
    answered: number
    failed: number
  }
  assert.equal(failed, 0)
  assert.ok(answered > 100)
  // The least of several: an old version may still be draining when the memory is read.
  const early = Math.min(...rssMb.slice(2, 8))
  const late = Math.min(...rssMb.slice(-6))
  assert.ok(late < early + 29, `${early} MB after the first swaps, ${late} MB after 20`)
  assert.ok(eventLoopP99Ms < 10, `event loop delay p99 ${eventLoopP99Ms} ms`)
})
