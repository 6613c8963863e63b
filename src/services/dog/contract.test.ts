// The calls of the old dog API's clients, over real HTTP, with the bundled model.
import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { after, before, describe, test } from 'node:test'
import { type DogClient, startDogClient } from '../../../test/builders/dog-client.ts'

const pictures = new URL('../../engine/decoders/fixtures/images/', import.meta.url)
const picture = await readFile(new URL('rgb.jpg', pictures))
const TIME = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/

let dog: DogClient

async function history(path = '/api/history'): Promise<Record<string, unknown>[]> {
  const { status, body } = await dog.call(path)
  assert.equal(status, 200)
  return body as unknown as Record<string, unknown>[]
}

const temporary = () => readdir(dog.core.home.temporary)

describe('with a model', () => {
  before(async () => {
    dog = await startDogClient()
  })
  after(() => dog.close())

  test('a prediction, its picture and its line in the history', async () => {
    const { status, body, headers } = await dog.predict(picture, { name: 'My Dog (1).jpg' })
    assert.equal(status, 200, JSON.stringify(body))
    assert.match(String(body.predicted_breed), /^[A-Za-z_-]+$/)
    assert.match(String(body.confidence), /^\d{1,3}\.\d\d%$/)
    assert.match(
      String(body.image_url),
      /^\/static\/history_images\/\d{14}_[0-9a-f]{8}_My_Dog_1.jpg$/,
    )
    assert.equal(typeof body.dog_score, 'number')
    assert.equal(typeof body.is_dog, 'boolean')
    assert.equal((body.top_predictions as unknown[]).length, 5)
    assert.equal(headers.get('x-duga-version'), 'v1.0.0')
    assert.ok(headers.get('x-duga-prediction'))

    const stored = await fetch(dog.url + body.image_url)
    assert.equal(stored.headers.get('content-type'), 'image/jpeg')
    assert.deepEqual(Buffer.from(await stored.arrayBuffer()), picture)

    const [item] = await history()
    assert.match(String(item?.timestamp), TIME)
    assert.equal(item?.image_url, body.image_url)
    assert.equal(item?.image_url, `/static/history_images/${item?.image_filename}`)
    assert.equal(item?.predicted_breed, body.predicted_breed)
    assert.equal(item?.confidence, body.confidence)
    assert.equal(item?.user_id, null)
    const stamp = String(item?.timestamp).replaceAll(/\D/g, '')
    assert.ok(String(item?.image_filename).startsWith(stamp), 'name and line tell the same time')
    assert.deepEqual(await temporary(), [])
  })

  test('newest first, and as CSV', async () => {
    await dog.predict(picture, { name: 'first.jpg' })
    await dog.predict(picture, { name: 'second.jpg' })
    const [newest, older] = await history('/api/history/')
    assert.match(String(newest?.image_filename), /second\.jpg$/)
    assert.match(String(older?.image_filename), /first\.jpg$/)
    const { body, headers } = await dog.call('/api/history.csv')
    assert.match(headers.get('content-type')!, /^text\/csv/)
    const [header, line] = String(body.text).split('\r\n')
    assert.equal(header, 'timestamp,image_filename,image_url,predicted_breed,confidence,user_id')
    const cells = line!.split(',')
    assert.equal(cells[1], newest?.image_filename)
    assert.equal(`${(Number(cells[4]) * 100).toFixed(2)}%`, newest?.confidence)
    const [second] = await history(`/history?limit=1&before=${newest?.id}`)
    assert.equal(second?.id, older?.id)
  })

  test('what is missing or no picture is refused in the old words and leaves nothing', async () => {
    const lines = (await history()).length
    const noFile = { error: 'Tidak ada file gambar yang diunggah.' }
    for (const reply of [
      await dog.call('/api/predict', { method: 'POST' }),
      await dog.post('/api/predict', {}),
      await dog.predict(picture, { field: 'image' }),
    ]) {
      assert.deepEqual([reply.status, reply.body], [400, noFile])
    }
    const boundary = 'xyz'
    const head = `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename=""\r\n`
    const noName = await dog.call('/api/predict', {
      method: 'POST',
      headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
      body: `${head}content-type: application/octet-stream\r\n\r\n\r\n--${boundary}--\r\n`,
    })
    const words = { error: 'Nama file kosong, silakan pilih gambar.' }
    assert.deepEqual([noName.status, noName.body], [400, words])
    const bad = [new Uint8Array(0), Buffer.from('<svg/>'), picture.subarray(0, 300)]
    for (const bytes of bad) {
      const { status, body } = await dog.predict(bytes)
      assert.equal(status, 400)
      assert.equal(typeof body.error, 'string')
    }
    const large = Buffer.concat([picture, Buffer.alloc(17 * 1024 * 1024)])
    assert.equal((await dog.predict(large)).status, 413)
    assert.equal((await history()).length, lines)
    assert.deepEqual(await temporary(), [])
  })

  test('file names cannot lead out of the folder', async () => {
    const names = [
      '../../etc/passwd.png',
      '.htaccess',
      '图片.jpg',
      `${'a'.repeat(400)}.jpeg`,
      '"><b>',
    ]
    for (const name of names) {
      const { status, body } = await dog.predict(picture, { name })
      assert.equal(status, 200, name)
      assert.match(String(body.image_url), /^\/static\/history_images\/[\w.-]{26,224}$/)
      assert.equal((await dog.call(String(body.image_url))).status, 200)
    }
    for (const path of [
      '..%2f..%2fduga.db',
      '%2e%2e',
      'nothing.jpg',
      '20240101000000_00000000_x',
    ]) {
      assert.equal((await dog.call(`/static/history_images/${path}`)).status, 404, path)
    }
  })

  test('pages of the old front end may call with credentials', async () => {
    for (const origin of ['http://localhost:5173', 'http://127.0.0.1:5173']) {
      const { headers } = await dog.call('/api/predict', {
        method: 'OPTIONS',
        headers: {
          origin,
          'access-control-request-method': 'POST',
          'access-control-request-headers': 'authorization,content-type',
        },
      })
      assert.equal(headers.get('access-control-allow-origin'), origin)
      assert.equal(headers.get('access-control-allow-credentials'), 'true')
      assert.match(headers.get('access-control-allow-headers')!, /Authorization/)
    }
  })
})

describe('mounted', () => {
  before(async () => {
    dog = await startDogClient({ mounted: true })
  })
  after(() => dog.close())

  test('image_url has no prefix and answers with and without it', async () => {
    const { body } = await dog.predict(picture, { path: '/dog/api/predict/' })
    assert.match(String(body.image_url), /^\/static\/history_images\//)
    assert.equal((await dog.call(String(body.image_url))).status, 200)
    assert.equal((await dog.call(`/dog${body.image_url}`)).status, 200)
  })
})

describe('without a model', () => {
  before(async () => {
    dog = await startDogClient({ model: false })
  })
  after(() => dog.close())

  test('predicting says so', async () => {
    const error = 'Model AI atau mapping kelas tidak berhasil dimuat di backend.'
    const { status, body } = await dog.predict(picture)
    assert.deepEqual([status, body], [500, { error }])
  })
})
