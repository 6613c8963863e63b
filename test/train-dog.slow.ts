// A dog model of one's own, end to end on the bundled network: pictures → job → version → answers with its classes. Killed
// on the way, run again; then by the command line, on the shared digits where they are.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { drawPicture, writeClassPictures } from './builders/class-pictures.ts'
import { readJson } from './builders/read-json.ts'
import { startTestServer, type TestServer } from './builders/test-server.ts'

const run = promisify(execFile)
const DIGITS = fileURLToPath(new URL('../../shared/data/digits/', import.meta.url))
const digits = await readdir(DIGITS).catch(() => null)

let server: TestServer
let admin: Record<string, string>

before(async () => {
  server = await startTestServer({ models: false })
  admin = { authorization: `Bearer ${server.adminToken}` }
  await writeClassPictures(join(server.home, 'data', 'textures'), 14)
})
after(() => server.close())

async function start(parameters: object = {}) {
  const body = { data: 'textures', views: 1, epochs: 12, ...parameters }
  const reply = await server.post('/manage/services/dog/training', body, admin)
  return { status: reply.status, body: await readJson(reply) }
}

interface Job {
  readonly status: string
  readonly progress: { readonly message: string }
  readonly error: string | null
  readonly version: string
}

async function until(id: string, done: (job: Job) => boolean): Promise<Job> {
  for (;;) {
    const job = await readJson(server.get(`/manage/jobs/${id}`, admin))
    if (done(job)) return job
    await wait(100)
  }
}

const ended = (id: string) =>
  until(id, ({ status }) => !['queued', 'running'].includes(String(status)))

async function serving(version: string): Promise<void> {
  while (server.server.engine.active('dog')?.version !== version) await wait(50)
}

async function ask(picture: Buffer): Promise<Record<string, never>> {
  const form = new FormData()
  form.set('file', new Blob([new Uint8Array(picture)]), 'picture.png')
  const reply = await server.post('/dog/api/predict', form)
  assert.equal(reply.status, 200)
  return await readJson(reply)
}

test('a job that is killed while it trains is run again, and its version answers with its own classes', async () => {
  const before = await ask(await drawPicture('rings', 99_001))
  assert.equal(typeof before.is_dog, 'boolean')
  // Enough epochs to be met in the midst of.
  const { status, body } = await start({ epochs: 400, patience: 400 })
  assert.equal(status, 202, JSON.stringify(body))
  const id: string = body.id
  const met = await until(
    id,
    ({ status, progress }) =>
      !['queued', 'running'].includes(status) || /head, epoch/.test(progress.message),
  )
  assert.equal(met.status, 'running')
  const { owner } = (await server.server.core.stores.jobs.get(id))!
  process.kill(Number(owner!.split(':').at(-1)), 'SIGKILL')
  const job = await ended(id)
  assert.equal(job.status, 'succeeded', String(job.error))
  await serving(String(job.version))
  let right = 0
  for (let i = 0; i < 6; i++) {
    const answer = await ask(await drawPicture(i % 2 === 0 ? 'rings' : 'stripes', 99_100 + i))
    assert.ok(['checks', 'rings', 'stripes'].includes(answer.predicted_breed!))
    // Nothing is known of what is none of the classes.
    assert.equal('is_dog' in answer || 'dog_score' in answer, false)
    if (answer.predicted_breed === (i % 2 === 0 ? 'rings' : 'stripes')) right += 1
  }
  assert.ok(right >= 5, `${right} of 6`)
  const report = await server.get(`/manage/jobs/${id}/report`, admin)
  assert.match(await report.text(), /frozen network dog \(bundled\)/)
  const back = await server.post('/manage/services/dog/rollback', undefined, admin)
  await serving(String((await readJson(back)).version))
  assert.equal(typeof (await ask(await drawPicture('rings', 99_001))).is_dog, 'boolean')
})

test('what is refused before there is a job', async () => {
  assert.equal((await start({ unfreeze: -1 })).status, 422)
  assert.equal((await start({ recipe: 'resnet' })).status, 422)
  assert.equal((await start({ data: '../../etc' })).status, 400)
  assert.equal((await start({ backbone: '/etc/passwd' })).status, 400)
})

test('one class, and one picture a class', async () => {
  const data = join(server.home, 'data')
  await mkdir(join(data, 'one'))
  await cp(join(data, 'textures', 'rings'), join(data, 'one', 'rings'), { recursive: true })
  const one = await ended((await start({ data: 'one' })).body.id)
  assert.deepEqual(
    [one.status, /All rows are of the category rings/.test(String(one.error))],
    ['failed', true],
  )
  await writeClassPictures(join(data, 'few'), 1)
  const few = await ended((await start({ data: 'few' })).body.id)
  assert.equal(few.status, 'failed')
  assert.match(String(few.error), /checks has 1 usable rows; at least 3/)
  assert.equal(server.server.engine.active('dog')?.version, 'v1.0.0')
})

test('duga train dog on the shared digits', {
  skip: digits === null && 'no ../shared/data/digits',
}, async () => {
  const home = await mkdtemp(join(tmpdir(), 'duga-dog-home-'))
  try {
    const program = fileURLToPath(new URL('../bin/duga.js', import.meta.url))
    const options = ['--data', DIGITS, '--home', home, '--views', '0', '--json']
    const { stdout } = await run(process.execPath, [program, 'train', 'dog', ...options])
    const { status, promoted, version, metrics, report } = JSON.parse(
      stdout.trim().split('\n').at(-1)!,
    )
    assert.deepEqual([status, promoted, version], ['succeeded', true, 'v1.0.1'])
    assert.ok(metrics.accuracy >= 0.93, `accuracy ${metrics.accuracy} on 330 pictures`)
    assert.ok((await readdir(report)).includes('curves.png'))
    const three = join(DIGITS, '3', (await readdir(join(DIGITS, '3')))[0]!)
    const answer = await run(process.execPath, [
      program,
      'predict',
      'dog',
      three,
      '--home',
      home,
      '--json',
    ])
    assert.match(answer.stdout, /"breed":"\d"/)
  } finally {
    await rm(home, { recursive: true, force: true })
  }
})
