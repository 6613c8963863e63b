// Training jobs end to end: the server starts a process of its own for each, a killed one is run again, the command line
// and the server share the queue, and what was promoted serves without a restart.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import { readJson } from './builders/read-json.ts'
import { startTestServer, type TestServer } from './builders/test-server.ts'

const run = promisify(execFile)
let server: TestServer
let admin: Record<string, string>

before(async () => {
  server = await startTestServer({ models: false })
  admin = { authorization: `Bearer ${server.adminToken}` }
  const data = join(server.home, 'data')
  await mkdir(data, { recursive: true })
  await writeFile(join(data, 'new.csv'), rows())
})
after(() => server.close())

/** New names of a category that is there already, and of one that is not. */
function rows(): string {
  const lines = ['product_name,category']
  const syllables = ['ka', 'ri', 'no', 'tu', 'me', 'sa', 'lo', 'di']
  for (let index = 0; index < 60; index += 1) {
    // Names that differ in numbers alone would all be on one side of the split.
    const kind = syllables[index % 8]! + syllables[Math.floor(index / 8)]!
    lines.push(`kabel data tipe ${kind},Elektronik`)
    lines.push(`benih cabai rawit ${kind},Bibit Tanaman`)
  }
  return `${lines.join('\n')}\n`
}

async function start(parameters: object = {}) {
  const body = { data: 'data/new.csv', ...parameters }
  const reply = await server.post('/manage/services/product/training', body, admin)
  assert.equal(reply.status, 202)
  return await readJson(reply)
}

const show = (id: string) => readJson(server.get(`/manage/jobs/${id}`, admin))

async function until(id: string, done: (job: { status: string }) => boolean) {
  for (;;) {
    const job = await show(id)
    if (done(job)) return job
    await wait(100)
  }
}

const ended = (id: string) => until(id, ({ status }) => !['queued', 'running'].includes(status))

/** The server notices what another process promoted. */
async function serving(version: string): Promise<void> {
  while (server.server.engine.active('product')?.version !== version) await wait(50)
}

/** The process that runs a job, once it has taken it. */
async function ownerOf(id: string): Promise<number> {
  await until(id, ({ status }) => status !== 'queued')
  const job = await server.server.core.stores.jobs.get(id)
  assert.equal(job?.owner?.startsWith(`${hostname()}:`), true)
  return Number(job!.owner!.split(':').at(-1))
}

test('a training over HTTP ends in a version that serves', async () => {
  const events = await server.get(`/manage/jobs/${(await start()).id}/events`, admin)
  const text = await events.text()
  assert.match(text, /"status":"running"/)
  const last = JSON.parse(text.trim().split('\n').at(-1)!.slice('data: '.length))
  assert.equal(last.status, 'succeeded', last.error)
  await serving(last.version)
  assert.ok(server.server.engine.active('product')?.labels?.includes('Bibit Tanaman'))
})

test('its report is a page, plots and figures, for those who may manage', async () => {
  const { items } = await readJson(server.get('/manage/jobs', admin))
  const { id, report, version } = items[0]
  assert.equal(report, `/manage/jobs/${id}/report`)
  assert.equal((await server.get(report)).status, 401)
  const page = await server.get(report, admin)
  assert.equal(page.headers.get('content-type'), 'text/html; charset=utf-8')
  assert.match(page.headers.get('content-security-policy')!, /^default-src 'none'; style-src/)
  assert.ok((await page.text()).includes(`<title>product ${version}: training report</title>`))
  for (const base of [report, `/manage/jobs/${id}`]) {
    for (const plot of ['curves', 'confusion', 'roc', 'pr', 'calibration']) {
      const reply = await server.get(`${base}/${plot}.png`, admin)
      assert.equal(reply.headers.get('content-type'), 'image/png', plot)
      assert.equal(Buffer.from(await reply.arrayBuffer()).toString('latin1', 1, 4), 'PNG')
    }
    const figures = await readJson(server.get(`${base}/report.json`, admin))
    assert.equal(figures.version, version)
    assert.ok(figures.metrics.roc_auc > 0.9)
    assert.ok(figures.durations.training > 0)
  }
  for (const path of [
    `${report}/scores.png`,
    `${report}/nosuch.png`,
    `${report}/..%2f..%2f..%2fformat`,
    `${report}/%2e%2e%2findex.html`,
    '/manage/jobs/nosuch/report',
    '/manage/jobs/..%2fsecrets/report',
  ]) {
    assert.equal((await server.get(path, admin)).status, 404, path)
  }
})

test('a process that is killed leaves a job that another takes up', async () => {
  const { id } = await start({ seed: 7 })
  process.kill(await ownerOf(id), 'SIGKILL')
  const job = await ended(id)
  assert.equal(job.status, 'succeeded', job.error)
})

test('a candidate that the gate refuses serves when it is forced, and the list says so', async () => {
  // Names that mean the one category are given the other.
  const lines = rows().trim().split('\n').slice(1)
  const swapped = lines.map((line) =>
    line.endsWith('Elektronik')
      ? line.replace('Elektronik', 'Bibit Tanaman')
      : line.replace('Bibit Tanaman', 'Elektronik'),
  )
  await writeFile(
    join(server.home, 'data', 'bad-labels.csv'),
    `name,category\n${swapped.join('\n')}\n`,
  )
  const asked = { data: 'bad-labels.csv', replace: true }
  const refused = await ended((await start(asked)).id)
  assert.equal(refused.status, 'rejected', refused.error)
  const forced = await ended((await start({ ...asked, force: true })).id)
  assert.equal(forced.status, 'succeeded', forced.error)
  await serving(forced.version)
  const { items } = await readJson(server.get('/manage/services/product/versions', admin))
  const gates = new Map<string, string>(
    items.map((one: { version: string; gate: string }) => [one.version, one.gate]),
  )
  assert.equal(gates.get(refused.version), 'rejected')
  assert.equal(gates.get(forced.version), 'forced')
  const back = await server.post('/manage/services/product/rollback', undefined, admin)
  await serving((await readJson(back)).version)
})

test('a cancelled job ends its process and gives its number back', async () => {
  const { id, version } = await start({ seed: 8 })
  const pid = await ownerOf(id)
  const reply = await fetch(`${server.url}/manage/jobs/${id}`, { method: 'DELETE', headers: admin })
  assert.equal((await readJson(reply)).status, 'cancelled')
  while (isAlive(pid)) await wait(50)
  // From here on the version that serves has few rows: trainings that are added to it are quick.
  const next = await start({ seed: 9, replace: true, force: true })
  assert.equal(next.version, version)
  const job = await ended(next.id)
  assert.equal(job.status, 'succeeded', job.error)
  await serving(job.version)
})

test('a cancelled job is resumed; two jobs of one service run one after another', async () => {
  const { id } = await start({ seed: 12 })
  await fetch(`${server.url}/manage/jobs/${id}`, { method: 'DELETE', headers: admin })
  const other = await start({ seed: 13 })
  const reply = await server.post(`/manage/jobs/${id}/resume`, undefined, admin)
  assert.equal(reply.status, 202)
  const resumed = await readJson(reply)
  assert.deepEqual([resumed.id, resumed.status], [id, 'queued'])
  assert.notEqual(resumed.version, other.version)
  const jobs = [await ended(id), await ended(other.id)]
  for (const job of jobs) assert.equal(job.status, 'succeeded', job.error)
  jobs.sort((a, b) => (a.started < b.started ? -1 : 1))
  assert.ok(jobs[0]!.finished <= jobs[1]!.started)
  await serving(jobs[1]!.version)
  const done = await server.post(`/manage/jobs/${id}/resume`, undefined, admin)
  assert.equal(done.status, 409)
  assert.equal((await readJson(done)).code, 'job.not-resumable')
})

test('what a recipe does not take is refused before a job is made', async () => {
  for (const [body, says] of [
    [{ epochs: 3 }, /takes seed, force, replace, name_column, category_column/],
    [{ name_column: ' ' }, /name_column/],
    [{ seed: -1 }, /seed/],
    [{ force: 'yes' }, /force/],
  ] as const) {
    const sent = { data: 'data/new.csv', ...body }
    const reply = await server.post('/manage/services/product/training', sent, admin)
    assert.equal(reply.status, 422)
    assert.match(JSON.stringify(await readJson(reply)), says)
  }
})

test('a bad file fails with its reason and the incumbent serves on', async () => {
  const before = server.server.engine.active('product')?.version
  await writeFile(join(server.home, 'data', 'bad.csv'), 'a,b\n1,2\n')
  const job = await ended((await start({ data: 'bad.csv' })).id)
  assert.equal(job.status, 'failed')
  assert.match(job.error, /column/)
  assert.equal(server.server.engine.active('product')?.version, before)
})

test('duga train beside a running server: the server serves the new version', async () => {
  const { stdout } = await run(process.execPath, [
    'bin/duga.js',
    ...['train', 'product', '--data', join(server.home, 'data', 'new.csv')],
    ...['--seed', '11', '--home', server.home, '--json'],
  ])
  const result = JSON.parse(stdout.trim().split('\n').at(-1)!)
  assert.equal(result.status, 'succeeded')
  assert.equal(result.promoted, true)
  assert.ok(result.metrics.accuracy > 0.8)
  assert.ok(isAbsolute(result.report))
  assert.ok((await readdir(result.report)).includes('index.html'))
  await serving(result.version)
})

test('rolling back from the command line reaches the server', async () => {
  const { stdout } = await run(process.execPath, [
    ...['bin/duga.js', 'rollback', 'product', '--home', server.home, '--json'],
  ])
  const { version } = JSON.parse(stdout)
  await serving(version)
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
