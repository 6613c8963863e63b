// What the old client's call of fine-tuning is told.
import assert from 'node:assert/strict'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import {
  assertError,
  type FaceApp,
  type Reply,
  startFaceApp,
} from '../../../test/builders/face-app.ts'
import type { Job } from '../../jobs/queue.ts'

const PATH = '/api/v1/finetune'
let app: FaceApp
let data = ''

before(async () => {
  app = await startFaceApp()
  data = join(app.home, 'data')
  for (const folder of [
    'good/real',
    'good/fake',
    'half/real',
    'half/fake',
    'flat',
    'deep/real/andi',
    'deep/fake/andi',
  ]) {
    await mkdir(join(data, folder), { recursive: true })
  }
  for (const kind of ['real', 'fake']) {
    await writeFile(join(data, 'deep', kind, 'andi', '1.jpg'), 'only names are looked at')
  }
  for (const file of ['good/real/a.JPG', 'good/fake/b.png', 'half/real/a.jpg', 'flat/real']) {
    await writeFile(join(data, file), 'only names are looked at')
  }
  await writeFile(join(data, 'half/fake/notes.txt'), 'no picture')
  await mkdir(join(app.home, 'private/real'), { recursive: true })
  await mkdir(join(app.home, 'private/fake'))
  await writeFile(join(app.home, 'private/real/a.jpg'), '')
  await writeFile(join(app.home, 'private/fake/a.jpg'), '')
  await symlink(join(app.home, 'private'), join(data, 'away'))
})

after(() => app.close())

const BAD = ['', ' ', 'none', 'half', 'flat', 'good/real', '../private', 'away', '/etc', 'good\0']
for (const data_dir of BAD) {
  test(`the folder ${JSON.stringify(data_dir)} is refused`, async () => {
    const reply = await app.postForm(PATH, { data_dir })
    assertError(reply, 400, 'Invalid or missing data directory')
  })
}

test('a missing folder is refused in every kind of body', async () => {
  const bad = 'Invalid or missing data directory'
  assertError(await app.postForm(PATH, { other: 'x' }), 400, bad)
  assertError(await app.postForm(PATH, { data_dir: new Blob(['good']) }), 400, bad)
  assertError(await app.postJson(PATH, { data_dir: ['good'] }), 400, bad)
  assertError(await app.send(PATH, { method: 'POST' }), 400, bad)
})

for (const fields of [
  { epochs: '0' },
  { epochs: 'ten' },
  { epochs: '1.5' },
  { epochs: '1e2' },
  { batch_size: '-1' },
  { batch_size: '99999' },
]) {
  test(`${JSON.stringify(fields)} is refused`, async () => {
    const [name] = Object.keys(fields)
    const most = name === 'epochs' ? 1000 : 1024
    const message = `Invalid input: ${name} must be a whole number from 1 to ${most}`
    assertError(await app.postForm(PATH, { data_dir: 'good', ...fields }), 400, message)
  })
}

test('a good call starts a job, in every kind of body and spelling of the folder', async () => {
  const started = async (reply: Reply): Promise<Job> => {
    assert.equal(reply.status, 200, JSON.stringify(reply.body))
    const { message, job_id, ...rest } = reply.body as Record<string, string>
    assert.equal(message, 'Fine-tuning started successfully')
    assert.deepEqual(Object.keys(rest), ['new_model_version'])
    // Cancelled at once: these pictures are none.
    const job = await app.server.core.stores.jobs.get(job_id!)
    await app.server.core.stores.jobs.cancel(job_id!)
    return job!
  }
  const whole = { data: join(data, 'good'), epochs: 3, batch_size: 8 }
  for (const data_dir of ['good', 'data/good', './good/', join(data, 'good')]) {
    const reply = await app.postForm(PATH, { data_dir, epochs: '3', batch_size: '8' })
    assert.deepEqual((await started(reply)).parameters, whole)
  }
  await started(await app.postForm(PATH, { data_dir: 'deep' }))
  const body = new URLSearchParams({ data_dir: 'good' })
  const usual = { ...whole, epochs: 10, batch_size: 32 }
  const plain = await started(await app.send(PATH, { method: 'POST', body }))
  assert.deepEqual(plain.parameters, usual)
  const json = await started(await app.postJson(PATH, { data_dir: 'good', epochs: 3 }))
  assert.deepEqual(json.parameters, { ...usual, epochs: 3 })
})
