// The Open Inference Protocol v2 in JSON, as KServe and Triton clients speak it.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { readJson } from '../../../test/builders/read-json.ts'
import {
  promoteCandidate,
  startTestServer,
  type TestServer,
} from '../../../test/builders/test-server.ts'
import { buildVibrationModel } from '../../../test/builders/vibration-model.ts'

let server: TestServer

before(async () => {
  server = await startTestServer()
  // Small, and with the ports that an imported autoencoder has.
  await promoteCandidate(server.server.core.registry, 'vibration', buildVibrationModel())
})
after(() => server.close())

const json = async (path: string) => await readJson(server.get(path))

test('server metadata and health', async () => {
  assert.equal((await json('/v2')).name, 'duga')
  assert.deepEqual(await json('/v2/health/live'), { live: true })
  assert.deepEqual(await json('/v2/health/ready'), { ready: true })
})

test('model metadata names version, inputs and outputs', async () => {
  const meta = await json('/v2/models/vibration')
  assert.equal(meta.name, 'vibration')
  assert.deepEqual(meta.inputs[0].datatype, 'FP32')
  assert.equal(meta.inputs[0].shape[0], -1)
  const [version] = meta.versions
  assert.deepEqual(await json(`/v2/models/vibration/versions/${version}/ready`), {
    name: 'vibration',
    ready: true,
  })
  const other = await server.get('/v2/models/vibration/versions/v9.9.9')
  assert.equal(other.status, 404)
  assert.match((await readJson(other)).error, /v9\.9\.9/)
})

test('infer: flat and nested data agree, rows stay apart', async () => {
  const meta = await json('/v2/models/vibration')
  const [{ name }] = meta.inputs
  const row = Array.from({ length: 24 }, (_, index) => Math.sin(index))
  const other = row.map((value) => value / 2)
  const infer = async (shape: number[], data: unknown) => {
    const body = { id: 'a1', inputs: [{ name, shape, datatype: 'FP32', data }] }
    const reply = await server.post('/v2/models/vibration/infer', body)
    assert.equal(reply.status, 200)
    assert.match(reply.headers.get('x-duga-prediction')!, /^[0-9a-f-]{36}$/)
    return await readJson(reply)
  }
  const both = await infer([2, 24, 1], [...row, ...other])
  assert.equal(both.id, 'a1')
  assert.equal(both.model_name, 'vibration')
  const nested = await infer([1, 24, 1], [other.map((value) => [value])])
  assert.deepEqual(nested.outputs[0].shape, [1, 24, 1])
  const second = both.outputs[0].data.slice(24)
  nested.outputs[0].data.forEach((value: number, index: number) => {
    assert.ok(Math.abs(value - second[index]) < 1e-5)
  })
})

test('an infer is in the history', async () => {
  const { items } = await server.server.core.stores.history.list('vibration', { limit: 1 })
  assert.equal(items[0]?.input, 'tensors')
})

test('what is wrong is named', async () => {
  const meta = await json('/v2/models/vibration')
  const [{ name }] = meta.inputs
  const good = { name, shape: [1, 24, 1], datatype: 'FP32', data: Array(24).fill(0) }
  const cases: [object, RegExp][] = [
    [{ inputs: [] }, /items|NOT/],
    [{ inputs: [{ ...good, name: 'nosuch' }] }, /missing/],
    [{ inputs: [good, { ...good, name: 'extra' }] }, /no input "extra"/],
    [{ inputs: [{ ...good, datatype: 'INT64' }] }, /datatype FP32/],
    [{ inputs: [{ ...good, shape: [1, 23, 1] }] }, /shape \[-1, 24, 1\]/],
    [{ inputs: [{ ...good, data: [1, 2] }] }, /2 elements/],
    [{ inputs: [{ ...good, data: Array(24).fill('x') }] }, /not a float32/],
    [{ inputs: [{ ...good, data: Array(24).fill(null) }] }, /not a float32/],
    [{ inputs: [good], outputs: [{ name: 'nosuch' }] }, /no output "nosuch"/],
  ]
  for (const [body, message] of cases) {
    const reply = await server.post('/v2/models/vibration/infer', body)
    assert.equal(reply.status, 422, JSON.stringify(body).slice(0, 200))
    assert.match((await readJson(reply)).error, message)
  }
  const nowhere = await server.post('/v2/models/nosuch/infer', { inputs: [good] })
  assert.equal(nowhere.status, 404)
})

test('a service whose predictions need a client needs it here too', async () => {
  const body = { inputs: [{ name: 'ids', shape: [1, 1], datatype: 'INT64', data: [0] }] }
  const reply = await server.post('/v2/models/product/infer', body)
  assert.equal(reply.status, 401)
})
