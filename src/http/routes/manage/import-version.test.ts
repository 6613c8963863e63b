// Models that were trained elsewhere, sent to `/manage` over real HTTP: Keras, scikit-learn, ONNX, what is no model, and a
// client that goes away. Whatever happens, nothing is left among the temporary files.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { join } from 'node:path'
import { after, afterEach, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { unzipSync } from 'fflate'
import { until } from '../../../../test/builders/serve-process.ts'
import { startTestServer, type TestServer } from '../../../../test/builders/test-server.ts'

const FIXTURES = fileURLToPath(new URL('../../../../test/fixtures/', import.meta.url))

let server: TestServer
let temporary: string
let authorization: string

before(async () => {
  server = await startTestServer({ models: false, bundled: false })
  temporary = join(server.home, 'temporary')
  authorization = `Bearer ${server.adminToken}`
})
after(() => server.close())
afterEach(() => until(() => readdirSync(temporary).length === 0, 'no temporary file is left'))

type Fields = readonly (readonly [name: string, value: string])[]

/** @param files field or name of each → its fixture, or its bytes */
async function send(
  service: string,
  files: Readonly<Record<string, string | Uint8Array<ArrayBuffer>>>,
  fields: Fields = [],
) {
  const form = new FormData()
  for (const [name, value] of fields) form.append(name, value)
  for (const [name, file] of Object.entries(files)) {
    const bytes = typeof file === 'string' ? readFileSync(join(FIXTURES, file)) : file
    const special = name.startsWith('check_') || name === 'labels'
    form.append(special ? name : 'file', new Blob([bytes]), name)
  }
  const reply = await server.post(`/manage/services/${service}/versions`, form, { authorization })
  // biome-ignore lint/suspicious/noExplicitAny: a report, or problem details
  return { reply, status: reply.status, body: (await reply.json()) as any }
}

const versionsOf = async (service: string): Promise<string[]> =>
  (await server.server.core.registry.listVersions(service)).map(({ version }) => version)

test('Keras, with its labels, compared and promoted', async () => {
  const model = 'dog_breed_classifier_final_model.keras'
  const { reply, status, body } = await send(
    'dog',
    {
      [model]: `import/${model}`,
      labels: 'import/class_indices.json',
      check_input: 'import/input.npy',
      check_output: 'import/output.npy',
    },
    [
      ['set', 'scale=0.00392156862745098'],
      ['set', 'filter=bilinear'],
      ['promote', 'true'],
    ],
  )
  assert.equal(status, 201, JSON.stringify(body))
  assert.equal(body.version, 'v1.0.0')
  assert.equal(body.active, true)
  assert.equal(body.format, 'keras')
  assert.deepEqual(body.sources, [model])
  assert.deepEqual(body.inputs[0].shape, [null, 48, 48, 3])
  assert.ok(body.difference < 1e-5)
  assert.ok(body.layers.some(({ kind }: { kind: string }) => kind === 'SeparableConv2D'))
  assert.ok(body.operators.Conv > 0 && body.milliseconds >= 0)
  assert.deepEqual(body.warnings, [])
  const { manifest } = await server.server.core.registry.getVersion('dog', 'v1.0.0')
  assert.equal(manifest.decode.filter, 'bilinear')
  assert.equal(server.server.engine.active('dog')?.version, 'v1.0.0')
  const shown = await server.get(reply.headers.get('location')!, { authorization })
  assert.equal(shown.status, 200)
})

test('scikit-learn in three files, whose names are only names', async () => {
  const { status, body } = await send('product', {
    '../../tfidf_vectorizer.joblib': 'import-text/tfidf_vectorizer.joblib',
    '/etc/svc_model.joblib': 'import-text/svc_model.joblib',
    'C:\\models\\model_classes.joblib': 'import-text/model_classes.joblib',
  })
  assert.equal(status, 201, JSON.stringify(body))
  assert.equal(body.active, false)
  assert.deepEqual(body.sources, [
    'tfidf_vectorizer.joblib',
    'svc_model.joblib',
    'model_classes.joblib',
  ])
  assert.match(body.warnings.join(), /cleaned as the old product service did/)
})

test('ONNX, with class names as text', async () => {
  const fields: Fields = [
    ['labels', '["hidup","palsu"]'],
    ['set', 'real=0'],
  ]
  const { status, body } = await send('face', { 'liveness.onnx': 'drop-in/liveness.onnx' }, fields)
  assert.equal(status, 201, JSON.stringify(body))
  assert.deepEqual([body.format, body.layers.length], ['onnx', 7])
  const { manifest } = await server.server.core.registry.getVersion('face', body.version)
  assert.deepEqual(manifest.labels, ['hidup', 'palsu'])
})

test('TensorFlow.js, whose shards are found among the files', async () => {
  const archive = unzipSync(new Uint8Array(readFileSync('src/importers/tfjs/fixtures/tfjs.zip')))
  const fileOf = (name: string) => new Uint8Array(archive[`layers-nested/${name}`]!)
  const model = { 'model.json': fileOf('model.json') }
  const alone = await send('dog', model)
  assert.equal(alone.body.code, 'model.unreadable')
  assert.match(alone.body.detail, /group1-shard1of1\.bin" lie neither beside it nor among/)
  const shard = { 'group1-shard1of1.bin': fileOf('group1-shard1of1.bin') }
  const { status, body } = await send('dog', { ...shard, ...model }, [['labels', '["A","B"]']])
  assert.equal(status, 201, JSON.stringify(body))
  assert.equal(body.format, 'tfjs')
})

test('what is no model is refused with what to do', async () => {
  const cases = [
    { files: { 'a.h5': randomBytes(5000) }, code: 'model.unknown-format', says: /a\.h5/ },
    { files: {}, code: 'input.invalid', says: /no file of a model/ },
    {
      files: { 'a.onnx': randomBytes(500) },
      code: 'model.unreadable',
      says: /could not be opened/,
    },
  ]
  for (const { files, code, says } of cases) {
    const { status, body, reply } = await send('cough', files)
    assert.equal(body.code, code, body.detail)
    assert.equal(status, 422)
    assert.match(body.detail, says)
    assert.ok(body.help.length > 20)
    assert.match(reply.headers.get('content-type')!, /^application\/problem\+json/)
  }
  const wrong = await send('cough', { 'a.h5': new Uint8Array(9) }, [['set', 'scale']])
  assert.match(wrong.body.detail, /set wants key=value, not "scale"/)
  const json = await server.post('/manage/services/cough/versions', {}, { authorization })
  assert.equal(json.status, 400)
  assert.equal((await server.post('/manage/services/cough/versions', new FormData())).status, 401)
  assert.deepEqual(await versionsOf('cough'), [])
})

test('a client that goes away in the middle leaves nothing', async () => {
  const { hostname, port } = new URL(server.url)
  const request = httpRequest({
    ...{ hostname, port, method: 'POST', path: '/manage/services/cough/versions' },
    headers: { authorization, 'content-type': 'multipart/form-data; boundary=x' },
  })
  request.on('error', () => {})
  request.write(
    '--x\r\ncontent-disposition: form-data; name="file"; filename="a.h5"\r\n\r\n'.concat(
      'a'.repeat(100_000),
    ),
  )
  await until(() => readdirSync(temporary).length > 0, 'the upload began')
  request.destroy()
})

test('a client that goes away while its model is read ends the reading', async () => {
  const controller = new AbortController()
  const form = new FormData()
  form.append('file', new Blob([readFileSync(join(FIXTURES, 'import/autoencoder.h5'))]), 'a.h5')
  const sent = fetch(`${server.url}/manage/services/vibration/versions`, {
    ...{ method: 'POST', headers: { authorization }, body: form, signal: controller.signal },
  })
  const reading = () => readdirSync(temporary).some((name) => name.startsWith('import-'))
  await until(reading, 'the import began')
  controller.abort()
  await assert.rejects(sent, { name: 'AbortError' })
  await until(() => !reading(), 'the import ended')
  assert.deepEqual(await versionsOf('vibration'), [])
})
