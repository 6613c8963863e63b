import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { toKernelModule } from '../../../scripts/build-wat-kernels.ts'

test('the committed kernel is what its source compiles to', async () => {
  const source = readFileSync(new URL('./resize.wat', import.meta.url), 'utf8')
  const committed = readFileSync(new URL('./resize-wasm.ts', import.meta.url), 'utf8')
  assert.equal(committed, await toKernelModule('resize', source))
})
