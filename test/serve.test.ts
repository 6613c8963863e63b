// The server as a process: how it stops, what it says when it cannot start, what it leaves behind.
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { toMultipart } from './bad-input/multipart.ts'
import {
  descendantsOf,
  isAlive,
  type ServeProcess,
  startProgram,
  startServe,
  until,
} from './builders/serve-process.ts'

const folders: string[] = []
const started: ServeProcess[] = []

after(async () => {
  for (const { child, pid, ended } of started) {
    if (child.exitCode === null && child.signalCode === null) process.kill(pid, 'SIGKILL')
    await ended
  }
  for (const folder of folders) rmSync(folder, { recursive: true })
})

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'duga-serve-'))
  folders.push(folder)
  return folder
}

async function start(...given: Parameters<typeof startServe>): Promise<ServeProcess> {
  const server = await startServe(...given)
  started.push(server)
  return server
}

/** An upload of which half is on the server's disk; `finish` sends the rest and gives the answer. */
async function beginUpload({ url, home }: ServeProcess): Promise<{
  finish(): Promise<{ status: number; prediction: string; text: string }>
}> {
  const content = readFileSync(new URL('../examples/dog.jpg', import.meta.url))
  const { body, type } = toMultipart([
    { name: 'file', filename: 'dog.jpg', type: 'image/jpeg', content },
  ])
  const headers = { 'content-type': type, 'content-length': body.length }
  const { promise, resolve, reject } =
    Promise.withResolvers<Awaited<ReturnType<Awaited<ReturnType<typeof beginUpload>>['finish']>>>()
  const sent = request(`${url}/dog/api/predict`, { method: 'POST', headers }, (response) => {
    let text = ''
    response.setEncoding('utf8').on('data', (part: string) => {
      text += part
    })
    response.on('end', () => {
      const prediction = String(response.headers['x-duga-prediction'])
      resolve({ status: response.statusCode!, prediction, text })
    })
  })
  sent.on('error', reject)
  sent.write(body.subarray(0, body.length / 2))
  await until(() => readdirSync(join(home, 'temporary')).length > 0, 'the upload has begun')
  return {
    finish: () => {
      sent.end(body.subarray(body.length / 2))
      return promise
    },
  }
}

/** A watcher of live answers, who would never leave. */
async function watchAnswers({ url, home }: ServeProcess): Promise<{ ended: Promise<string> }> {
  const response = await fetch(`${url}/manage/services/dog/events`, { headers: adminOf(home) })
  assert.equal(response.status, 200)
  return { ended: response.text() }
}

function adminOf(home: string): { readonly authorization: string } {
  const token = readFileSync(join(home, 'secrets', 'admin-token'), 'utf8').trim()
  return { authorization: `Bearer ${token}` }
}

/** Listening no more, or saying that it stops. */
async function isStopping(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/health/live`)).status === 503
  } catch {
    return true
  }
}

/** A training that takes longer than the test, in a process of its own. */
async function beginTraining({ url, home, pid }: ServeProcess): Promise<void> {
  const rows = Array.from({ length: 20_000 }, (_, i) => `barang nomor ${i},${i % 2 ? 'A' : 'B'}`)
  writeFileSync(join(home, 'data', 'rows.csv'), `product_name,category\n${rows.join('\n')}\n`)
  const response = await fetch(`${url}/manage/services/product/training`, {
    method: 'POST',
    headers: { ...adminOf(home), 'content-type': 'application/json' },
    body: JSON.stringify({ data: 'rows.csv' }),
  })
  assert.equal(response.status, 202, await response.text())
  await until(() => descendantsOf(pid).length > 0, 'the training has a process')
}

for (const to of ['npm itself', 'the server below it']) {
  test(`npm start, SIGTERM to ${to}: what is under way is answered, exit 0, no child`, async () => {
    const home = makeFolder()
    const command = ['npm', 'start', '--']
    const server = await start(home, { command, args: ['--json'] })
    // Once is enough: a training that computes is given seconds to stop.
    if (to === 'npm itself') await beginTraining(server)
    const family = [server.pid, ...descendantsOf(server.child.pid!)]
    const events = await watchAnswers(server)
    const upload = await beginUpload(server)
    process.kill(to === 'npm itself' ? server.child.pid! : server.pid, 'SIGTERM')
    await until(() => isStopping(server.url), 'the server stops')
    const { status, prediction, text } = await upload.finish()
    assert.equal(status, 200, text)
    assert.match(await events.ended, /^:ok\n/)
    const { code, signal } = await server.ended
    assert.deepEqual({ code, signal }, { code: 0, signal: null })
    assert.deepEqual(family.filter(isAlive), [])
    assert.deepEqual(readdirSync(join(home, 'temporary')), [])

    const history = await startProgram(['history', 'dog', '--json', '--home', home]).ended
    const { items } = JSON.parse(history.stdout) as { items: { id: string }[] }
    assert.deepEqual(
      items.map(({ id }) => id),
      [prediction],
    )
  })
}

test('a second server on the same home is refused, the first goes on', async () => {
  const server = await start(makeFolder())
  const again = ['serve', '--port', '0', '--home', server.home]
  const { code, stdout, stderr } = await startProgram(again).ended
  assert.equal(code, 1)
  assert.equal(stdout, '')
  assert.match(
    stderr,
    new RegExp(`${server.home} is in use by another server \\(process ${server.pid}`),
  )
  assert.match(stderr, /DUGA_HOME/)
  assert.equal((await fetch(`${server.url}/health/ready`)).status, 200)

  const { port } = new URL(server.url)
  const taken = await startProgram(['serve', '--port', port, '--home', makeFolder()]).ended
  assert.equal(taken.code, 1)
  assert.match(taken.stderr, new RegExp(port))
  process.kill(server.pid, 'SIGINT')
  assert.equal((await server.ended).code, 0)
})

test('a bad setting names itself and its value', async () => {
  const cases = [
    ['PORT', 'abc'],
    ['DUGA_LANES', '0'],
    ['LOG_LEVEL', 'loud'],
    ['FACE_THRESHOLD', '1.5'],
    ['HISTORY_PUBLIC', 'perhaps'],
  ] as const
  for (const [name, value] of cases) {
    const environment = { DUGA_HOME: makeFolder(), [name]: value }
    const { code, stderr } = await startProgram(['serve'], { environment }).ended
    assert.equal(code, 1, name)
    assert.match(stderr, new RegExp(`^${name} is "${value}"`), name)
    assert.doesNotMatch(stderr, /\n\s+at /)
  }
  const address = { DUGA_HOME: makeFolder(), DATABASE_URL: 'oracle://host' }
  assert.match(
    (await startProgram(['serve'], { environment: address }).ended).stderr,
    /^DATABASE_URL must be/,
  )
  const environment = { DUGA_HOME: makeFolder(), SECRET_KEY: 'hunter2' }
  const { code, stderr } = await startProgram(['serve'], { environment }).ended
  assert.equal(code, 1)
  assert.match(stderr, /^SECRET_KEY/)
  assert.doesNotMatch(stderr, /hunter2/)
})

test('misuse: exit 2', async () => {
  const cases = [['serve', 'nosuch'], ['serve', '--nosuch'], ['nosuch'], ['serve', 'dog', 'face']]
  for (const args of cases) {
    const { code, stderr } = await startProgram(args, { cwd: makeFolder() }).ended
    assert.equal(code, 2, args.join(' '))
    assert.match(stderr, /nosuch|too many arguments/)
  }
})

test('.env of the working directory is read; the environment stands above it', async () => {
  const cwd = makeFolder()
  const home = join(cwd, 'the home')
  const lines = [
    `DUGA_HOME="${home}"  # quoted`,
    "DUGA_ADMIN_TOKEN='a token from the file'",
    'PORT=1',
  ]
  writeFileSync(join(cwd, '.env'), `${lines.join('\n')}\n`)
  const environment = { PORT: '0' }
  const server = await start(null, { cwd, environment, args: ['serve', 'vibration', '--json'] })
  assert.equal(server.home, home)
  const headers = { authorization: 'Bearer a token from the file' }
  assert.equal((await fetch(`${server.url}/manage/services`, { headers })).status, 200)
  process.kill(server.pid, 'SIGTERM')
  assert.equal((await server.ended).code, 0)
})
