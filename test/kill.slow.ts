// kill -9 at seeded moments while predictions, uploads and promotions go on, and while the server starts. The next
// server on that home has every answered prediction, serves the old or the new version, and answers as it did.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { buildCoughModel, createRandom } from './builders/cough-model.ts'
import { createSeededHome } from './builders/seeded-home.ts'
import { type ServeProcess, startProgram, startServe } from './builders/serve-process.ts'
import { type Answered, type Promotions, runTraffic } from './builders/traffic.ts'
import { buildVibrationModel } from './builders/vibration-model.ts'
import { createBatch } from './builders/vibration-windows.ts'

const VERSIONS = ['v1.0.0', 'v1.0.1'] as const
const LIMIT_MS = 75_000
const SETTINGS = { DUGA_LANES: '2', COUGH_RATE_LIMIT: '0' }
const random = createRandom(20_240_917)

const home = await createSeededHome({
  cough: [buildCoughModel(1), buildCoughModel(2)],
  vibration: [buildVibrationModel({ seed: 1 }), buildVibrationModel({ seed: 2 })],
})
let running: ServeProcess | null = null
after(async () => {
  // Only where a check has failed.
  if (running !== null) await kill(running)
  rmSync(home, { recursive: true })
})

const promotions: Record<string, Promotions> = {
  cough: { confirmed: 'v1.0.1', asked: 'v1.0.1' },
  vibration: { confirmed: 'v1.0.1', asked: 'v1.0.1' },
}
/** What each version answers to a fixed batch. */
const reference = new Map<string, number>()
let headers: Record<string, string>
let productHeaders: Record<string, string>

async function start(): Promise<ServeProcess> {
  running = await startServe(home, { environment: SETTINGS })
  return running
}

async function kill({ child, pid, ended }: ServeProcess): Promise<void> {
  running = null
  process.kill(pid, 'SIGKILL')
  await ended
  assert.equal(child.signalCode, 'SIGKILL')
}

async function inferFixedBatch(url: string): Promise<{ version: string; error: number }> {
  const response = await fetch(`${url}/vibration/infer`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(createBatch({ seed: 5 })),
  })
  assert.equal(response.status, 200)
  const { reconstruction_error: error } = (await response.json()) as Record<string, number>
  return { version: response.headers.get('x-duga-version')!, error: error! }
}

async function prepare(): Promise<void> {
  const token = readFileSync(join(home, 'secrets', 'admin-token'), 'utf8').trim()
  headers = { authorization: `Bearer ${token}` }
  const server = await start()
  const body = new URLSearchParams({ grant_type: 'client_credentials' })
  const made = await startProgram([
    'client',
    'add',
    'Test',
    'test',
    'a-long-secret',
    '--home',
    home,
  ]).ended
  assert.equal(made.code, 0, made.stderr)
  body.set('client_id', 'test')
  body.set('client_secret', 'a-long-secret')
  const granted = await fetch(`${server.url}/auth/token`, { method: 'POST', body })
  const { access_token: access } = (await granted.json()) as { access_token: string }
  productHeaders = { authorization: `Bearer ${access}` }
  for (const version of VERSIONS) {
    const path = `/manage/services/vibration/versions/${version}/promote`
    const promoted = await fetch(server.url + path, { method: 'POST', headers })
    assert.equal(promoted.status, 200)
    const answer = await inferFixedBatch(server.url)
    assert.equal(answer.version, version)
    reference.set(version, answer.error)
  }
  await kill(server)
}

/** Asserts all that the server before may not have lost. */
async function checkServer({ url }: ServeProcess, answered: readonly Answered[]): Promise<void> {
  assert.deepEqual(readdirSync(join(home, 'temporary')), [])
  for (const { service, id, url: picture } of answered) {
    const path = `/manage/services/${service}/predictions/${id}`
    const kept = await fetch(url + path, { headers })
    await kept.body?.cancel()
    assert.equal(kept.status, 200, `prediction ${id} of ${service} is lost`)
    if (picture === null) continue
    const stored = await fetch(url + picture)
    await stored.body?.cancel()
    assert.equal(stored.status, 200, `${picture} is lost`)
  }
  for (const [service, state] of Object.entries(promotions)) {
    const response = await fetch(`${url}/manage/services/${service}`, { headers })
    const { version, status } = (await response.json()) as { version: string; status: string }
    assert.equal(status, 'ready', service)
    const { confirmed, asked } = state
    assert.ok([confirmed, asked].includes(version), `${service}: ${version}, asked for ${asked}`)
    state.confirmed = version
    state.asked = version
  }
  const { version, error } = await inferFixedBatch(url)
  assert.equal(version, promotions.vibration!.confirmed)
  assert.equal(error, reference.get(version))
  assert.equal((await fetch(`${url}/health/ready`)).status, 200)
}

test('nothing that was answered is lost, and the next server starts', async (t) => {
  const began = performance.now()
  await prepare()
  const counts: Record<string, number> = {}
  let answered: readonly Answered[] = []
  let rounds = 0
  while (performance.now() - began < LIMIT_MS) {
    const early = startProgram(['serve', '--json', '--port', '0', '--home', home])
    await setTimeout(random() * 1500)
    early.child.kill('SIGKILL')
    await early.ended

    const server = await start()
    await checkServer(server, answered)
    const stop = new AbortController()
    const { url } = server
    const options = { url, headers, productHeaders, promotions, versions: VERSIONS }
    const traffic = runTraffic({ ...options, signal: stop.signal })
    await Promise.race([traffic, setTimeout(200 + random() * 1800)])
    stop.abort()
    await kill(server)
    answered = await traffic
    for (const { service } of answered) counts[service] = (counts[service] ?? 0) + 1
    rounds += 1
  }
  const last = await start()
  await checkServer(last, answered)
  running = null
  process.kill(last.pid, 'SIGTERM')
  assert.equal((await last.ended).code, 0)
  t.diagnostic(`${rounds} rounds, answered: ${JSON.stringify(counts)}`)
  assert.ok(rounds >= 3)
  assert.ok(Object.keys(counts).length === 5, JSON.stringify(counts))
})
