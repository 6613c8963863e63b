// Fine-tuning as the old client does it, over real HTTP, the job in its own process. Persons are made of one photograph, fakes
// are simulated recaptures.
import assert from 'node:assert/strict'
import { cp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { makeFaceFolder, makePersons } from '../../../test/builders/face-pictures.ts'
import { startTestServer, type TestServer } from '../../../test/builders/test-server.ts'
import type { FaceAnswer } from './answer.ts'

const example = await readFile(new URL('../../../examples/face.jpg', import.meta.url))
let server: TestServer
let data = ''

before(async () => {
  server = await startTestServer()
  data = join(server.home, 'data')
  const site = join(data, 'site')
  await makeFaceFolder(site, await makePersons(12), { takes: 2, side: [150, 220] })
  await writeFile(join(site, 'real', 'broken.jpg'), example.subarray(0, 3000))
  await cp(new URL('fixtures/none.jpg', import.meta.url), join(site, 'fake', 'landscape.jpg'))
})
after(() => server.close())

interface JobBody {
  readonly id: string
  readonly status: string
  readonly error: string | null
  readonly version: string | null
  readonly report: string | null
  readonly progress: { readonly message: string }
}

const manage = async (path: string, method = 'GET'): Promise<Response> => {
  const headers = { authorization: `Bearer ${server.adminToken}` }
  return await fetch(`${server.url}/manage/${path}`, { method, headers })
}

async function finetune(data_dir: string, fields: Record<string, string> = {}): Promise<string> {
  const form = new FormData()
  for (const [name, value] of Object.entries({ data_dir, ...fields })) form.append(name, value)
  const reply = await server.post('/face/api/v1/finetune', form)
  const body = (await reply.json()) as Record<string, string>
  assert.equal(reply.status, 200, JSON.stringify(body))
  assert.equal(body.message, 'Fine-tuning started successfully')
  return body.job_id!
}

async function follow(id: string, until: (job: JobBody) => boolean): Promise<JobBody> {
  const deadline = AbortSignal.timeout(300_000)
  for (;;) {
    deadline.throwIfAborted()
    const job = (await (await manage(`jobs/${id}`)).json()) as JobBody
    if (until(job)) return job
    await wait(100)
  }
}

const finished = (id: string) =>
  follow(id, ({ status }) => status !== 'queued' && status !== 'running')

async function judge(): Promise<FaceAnswer & { readonly version: string }> {
  const form = new FormData()
  form.append('image', new Blob([example]))
  const reply = await server.post('/face/api/v1/inference', form)
  assert.equal(reply.status, 200)
  const version = reply.headers.get('x-duga-version')!
  return { ...((await reply.json()) as FaceAnswer), version }
}

async function untilVersion(version: string): ReturnType<typeof judge> {
  const deadline = AbortSignal.timeout(20_000)
  for (;;) {
    deadline.throwIfAborted()
    const answer = await judge()
    if (answer.version === version) return answer
    await wait(50)
  }
}

async function manifestOf(version: string) {
  const row = await server.server.core.registry.getVersion('face', version)
  return row.manifest
}

test('a tuned model serves without a restart, by a threshold of its own', async () => {
  assert.equal((await judge()).version, 'v1.0.0')
  const job = await finished(await finetune('data/site', { epochs: '4', batch_size: '8' }))
  assert.equal(job.status, 'succeeded', JSON.stringify(job))
  const answer = await untilVersion('v1.0.1')
  const { answer: meaning, labels, outputs, origin, metrics } = await manifestOf('v1.0.1')
  assert.deepEqual([labels, meaning.real, meaning.scores], [['real', 'fake'], 0, 'logits'])
  assert.deepEqual(outputs, [{ name: 'logits', type: 'float32', shape: [null, 2] }])
  assert.equal(answer.threshold_used, meaning.threshold)
  assert.ok(answer.threshold_used > 0 && answer.threshold_used < 1)
  assert.equal(answer.face_found, true)
  assert.ok(metrics.roc_auc! > 0.7, JSON.stringify(metrics))
  assert.equal((origin.gate as { passed: boolean }).passed, true)
  assert.equal((origin.parameters as { epochs: number }).epochs, 4)
  const report = (await (await manage(`jobs/${job.id}/report/report.json`)).json()) as {
    readonly notices: readonly string[]
    readonly confusion_matrix: { readonly labels: readonly string[] }
  }
  assert.deepEqual(report.confusion_matrix.labels, ['real', 'fake'])
  const notices = report.notices.join('\n')
  assert.match(notices, /Left out real\/broken\.jpg/)
  assert.match(notices, /Left out fake\/landscape\.jpg: No face was found/)
  assert.match(notices, /12 persons or sources/)
})

test('tuned again, pictures keep their parts, and what was trained on is no test', async () => {
  const reply = await fetch(`${server.url}/manage/services/face/training`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${server.adminToken}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ data: 'site', epochs: 1, seed: 9, force: true }),
  })
  assert.equal(reply.status, 202, await reply.clone().text())
  const job = await finished(((await reply.json()) as JobBody).id)
  assert.equal(job.status, 'succeeded', JSON.stringify(job))
  await untilVersion('v1.0.2')
  const [first, second] = [await manifestOf('v1.0.1'), await manifestOf('v1.0.2')]
  assert.deepEqual(second.origin.rows, first.origin.rows)
  assert.equal(second.files.sides!.sha256, first.files.sides!.sha256)
  assert.deepEqual(second.origin.base, first.origin.base)
  assert.equal(second.parent, 'v1.0.1')
})

test('a training that is cancelled leaves the version that serves', async () => {
  const before = (await judge()).version
  const id = await finetune('site', { epochs: '500' })
  await follow(id, ({ progress }) => /stage|head/.test(progress.message))
  const reply = await manage(`jobs/${id}`, 'DELETE')
  assert.equal(((await reply.json()) as JobBody).status, 'cancelled')
  assert.equal((await judge()).version, before)
})

test('one class, and too few faces, end in a failed job that says so', async () => {
  const before = (await judge()).version
  const one = join(data, 'one')
  await cp(join(data, 'site', 'real'), join(one, 'real'), { recursive: true })
  const faceless = new URL('fixtures/none.jpg', import.meta.url)
  for (let i = 0; i < 12; i++) await cp(faceless, join(one, 'fake', `${i}.jpg`))
  const few = join(data, 'few')
  await cp(join(data, 'site'), few, { recursive: true })
  for (let i = 0; i < 9; i++) {
    for (const take of [0, 1]) await rm(join(few, 'fake', `p${i}_${take}.jpg`))
  }
  for (const [folder, reason] of [
    ['one', /All rows are of the category real/],
    ['few', /fake has \d usable rows; at least 10 are needed/],
  ] as const) {
    const job = await finished(await finetune(folder))
    assert.equal(job.status, 'failed', JSON.stringify(job))
    assert.match(job.error!, reason)
  }
  assert.equal((await judge()).version, before)
})
