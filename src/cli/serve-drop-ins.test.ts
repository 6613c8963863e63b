// What becomes of a user's own model files from one start of a server to the next: imported once, new where their content is
// new, never in the way of what was promoted or rolled back since, and never a reason not to start.
import assert from 'node:assert/strict'
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { until } from '../../test/builders/serve-process.ts'
import { startTestServer, type TestServer } from '../../test/builders/test-server.ts'
import { loadConfig } from '../config.ts'
import { createServices } from '../services/index.ts'
import { checkDropIn } from './check-drop-in.ts'
import type { Core } from './core.ts'
import type { Finding } from './doctor.ts'

const FIXTURES = fileURLToPath(new URL('../../test/fixtures/import/', import.meta.url))
const NAME = 'cough_classifier_model.h5'
const home = mkdtempSync(join(tmpdir(), 'duga-drop-ins-'))
const folder = join(home, 'models', 'cough')
const model = join(folder, NAME)
after(() => rmSync(home, { recursive: true, force: true }))

/** Starts on the same home, lets `look` look once nothing is imported any more, and stops. */
async function serve(look: (server: TestServer) => Promise<void>, settings = {}): Promise<void> {
  const options = { home, models: false, bundled: false, standalone: 'cough', settings }
  const server = await startTestServer(options)
  try {
    const done = async () => !/imported/.test((await healthOf(server)).services.cough!)
    await until(done, 'nothing is imported any more', 120_000)
    await look(server)
  } finally {
    await server.close()
  }
}

async function healthOf(server: TestServer) {
  const reply = await server.get('/health/ready')
  const { services } = (await reply.json()) as { services: Record<string, string> }
  return { status: reply.status, services }
}

/** Versions, newest first, that which serves with a star. */
async function versionsOf({ server }: TestServer): Promise<string> {
  const rows = await server.core.registry.listVersions('cough')
  const active = server.engine.active('cough')?.version
  return rows.map(({ version }) => (version === active ? `${version}*` : version)).join(' ')
}

async function findingOf(core: Core, settings = {}): Promise<Finding | null> {
  const services = createServices(loadConfig({ DUGA_HOME: home, ...settings }))
  return checkDropIn(core, services.find(({ definition }) => definition.name === 'cough')!)
}

test('without files there is nothing to say, and a service without a model is ready', async () => {
  await serve(async (server) => {
    assert.deepEqual(await healthOf(server), { status: 200, services: { cough: 'no model' } })
    assert.equal(await findingOf(server.server.core), null)
    mkdirSync(folder)
    writeFileSync(model, 'no model at all')
    const waits = await findingOf(server.server.core)
    assert.equal(waits?.state, 'warning')
    assert.match(waits.help, /npx duga serve/)
  })
})

test('a file that cannot be imported is named where there is no other model', async () => {
  await serve(async (server) => {
    const { status, services } = await healthOf(server)
    assert.equal(status, 503)
    assert.match(services.cough!, /cough_classifier_model\.h5 is of no known format/)
    assert.equal((await server.get('/')).status, 200)
    const finding = await findingOf(server.server.core)
    assert.equal(finding?.state, 'error')
    assert.match(finding.found, /no known format/)
    assert.match(finding.help, /These are read: .*npx duga import cough/)
    assert.deepEqual(readdirSync(join(home, 'temporary')), [])
  })
})

test('a file is imported once, and another time of change is no other file', async () => {
  copyFileSync(join(FIXTURES, NAME), model)
  await serve(async (server) => {
    assert.equal((await healthOf(server)).status, 200)
    assert.equal(await versionsOf(server), 'v1.0.0*')
    const { manifest } = await server.server.core.registry.getVersion('cough', 'v1.0.0')
    assert.notEqual(manifest.golden, null)
    assert.match((await findingOf(server.server.core))!.found, /imported as v1\.0\.0$/)
  })
  await serve(async (server) => assert.equal(await versionsOf(server), 'v1.0.0*'))
  utimesSync(model, 1e9, 1e9)
  await serve(async (server) => assert.equal(await versionsOf(server), 'v1.0.0*'))
})

test('what was rolled back stays so; what is new serves; what is broken changes nothing', async () => {
  // The same network in other bytes, where a setting says.
  copyFileSync(join(FIXTURES, NAME), join(folder, 'other.h5'))
  writeFileSync(join(folder, 'other.h5'), Buffer.from('\n'), { flag: 'a' })
  const settings = { COUGH_MODEL_PATH: join(folder, 'other.h5') }
  await serve(async (server) => {
    assert.equal(await versionsOf(server), 'v1.0.1* v1.0.0')
    await server.server.core.registry.rollBack('cough')
  }, settings)
  await serve(async (server) => {
    assert.equal(await versionsOf(server), 'v1.0.1 v1.0.0*')
    const finding = await findingOf(server.server.core, settings)
    assert.match(finding!.found, /imported as v1\.0\.1, and v1\.0\.0 serves since/)
  }, settings)
  writeFileSync(join(folder, 'other.h5'), 'broken')
  await serve(async (server) => {
    assert.equal(await versionsOf(server), 'v1.0.1 v1.0.0*')
    assert.equal((await healthOf(server)).status, 200)
    assert.equal((await findingOf(server.server.core, settings))?.state, 'error')
  }, settings)
})

test('a setting that names no file says so', async () => {
  const settings = { COUGH_MODEL_PATH: join(home, 'absent.h5') }
  await serve(async (server) => {
    assert.equal(await versionsOf(server), 'v1.0.1 v1.0.0*')
    await assert.rejects(findingOf(server.server.core, settings), {
      code: 'drop-in.missing',
      message: /COUGH_MODEL_PATH names .*absent\.h5, which is no file/,
    })
  }, settings)
})
