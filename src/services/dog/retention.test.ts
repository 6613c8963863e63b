import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { startTestServer } from '../../../test/builders/test-server.ts'
import { deleteExpired } from './retention.ts'

test('expired rows go with their pictures, the others stay', async () => {
  const server = await startTestServer({ models: false })
  try {
    const picture = await readFile(new URL('../../../examples/dog.jpg', import.meta.url))
    const form = new FormData()
    form.set('file', new Blob([picture]), 'dog.jpg')
    assert.equal((await server.post('/dog/api/predict', form)).status, 200)
    const { stores } = server.server.core
    const folder = join(server.home, 'uploads', 'dog')
    const parts = { stores, home: server.home }
    await deleteExpired(parts, Date.now() - 60_000)
    assert.equal((await readdir(folder)).length, 1)
    await deleteExpired(parts, Date.now() + 60_000)
    assert.deepEqual(await readdir(folder), [])
    assert.deepEqual(await stores.dogHistory.list(), [])
  } finally {
    await server.close()
  }
})
