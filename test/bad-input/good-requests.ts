// One request a service that must be answered right, whatever was sent before it.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestServer } from '../builders/test-server.ts'
import { createBatch } from '../builders/vibration-windows.ts'

const EXAMPLES = new URL('../../examples/', import.meta.url)

/** Asserts that every service still answers, and that nothing is left in the temporary folder. */
export async function assertServerIsWell(server: TestServer): Promise<void> {
  const cough = await upload(server, '/cough/predict', 'file', 'cough.wav', 'audio/wav')
  assert.equal(typeof cough.prediction, 'string')
  const face = await upload(server, '/face/api/v1/inference', 'image', 'face.jpg', 'image/jpeg')
  assert.equal(face.prediction, 'real')
  const dog = await upload(server, '/dog/api/predict', 'file', 'dog.jpg', 'image/jpeg')
  assert.equal(dog.is_dog, true)
  const product = await server.post(
    '/product/predict/',
    { product_name: 'susu ultra coklat 250ml' },
    { authorization: `Bearer ${await clientToken(server)}` },
  )
  assert.equal(product.status, 200)
  const vibration = await server.post('/vibration/infer', createBatch())
  assert.equal(vibration.status, 200)
  assert.equal((await server.get('/health/ready')).status, 200)
  await assertTemporaryIsEmpty(server)
}

/** A token of a client of its own. */
async function clientToken({ server }: TestServer): Promise<string> {
  const { clients } = server.core
  const { id, secret } = await clients.add({ name: 'Test' })
  return (await clients.grant(id, secret)).accessToken
}

/** Files go when their connection closes, which may be a moment after the answer. */
export async function assertTemporaryIsEmpty({ home }: TestServer): Promise<void> {
  const left = () => readdirSync(join(home, 'temporary'))
  for (let turns = 0; left().length > 0 && turns < 200; turns++) {
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  assert.deepEqual(left(), [])
}

async function upload(
  server: TestServer,
  path: string,
  field: string,
  file: string,
  type: string,
): Promise<Record<string, unknown>> {
  const form = new FormData()
  form.set(field, new Blob([readFileSync(new URL(file, EXAMPLES))], { type }), file)
  const response = await server.post(path, form)
  const text = await response.text()
  assert.equal(response.status, 200, `${path}: ${text}`)
  return JSON.parse(text) as Record<string, unknown>
}
