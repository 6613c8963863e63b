import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { after, it } from 'node:test'
import { manifest } from '../../test/contracts/samples.ts'
import { DugaError } from '../errors.ts'
import { hashStream } from '../store/durable-file.ts'
import { watchRevisions } from '../store/revisions.ts'
import { killAndCheck, STEPS } from './fixtures/kill-check.ts'
import { draft, openTestRegistry, versionOf } from './fixtures/open-test-registry.ts'
import { syncBundled } from './sync-bundled.ts'

const root = mkdtempSync(join(tmpdir(), 'duga-registry-'))
after(() => rmSync(root, { recursive: true }))
const fresh = () => mkdtempSync(join(root, 'home-'))
const failed = (reason: unknown) => {
  throw reason
}

it('adds whole versions under the next number', async () => {
  const { registry, stores } = await openTestRegistry(fresh())
  const path = join(root, 'model.bin')
  writeFileSync(path, 'from a file')
  const first = await registry.addVersion('dog', versionOf('one'))
  const second = await registry.addVersion('dog', versionOf('two', { files: { model: path } }))
  assert.deepEqual([first.version, second.version], ['v1.0.0', 'v1.0.1'])
  assert.equal(second.manifest.files.model?.name, 'model.bin')
  assert.equal(
    Buffer.from(await registry.readFile(second.manifest, 'model')).toString(),
    'from a file',
  )
  assert.deepEqual(Object.keys(await registry.filePaths(first.manifest)), ['model', 'words'])
  assert.equal(first.manifest.created, new Date(first.created).toISOString())
  assert.deepEqual(await registry.getVersion('dog', 'v1.0.0'), first)
  await assert.rejects(registry.getVersion('dog', 'v9.0.0'), { code: 'version.unknown' })
  const bad = versionOf('x', { manifest: { ...draft, golden: { file: 'golden', tolerance: 0 } } })
  await assert.rejects(registry.addVersion('dog', bad), { code: 'input.invalid' })
  const missing = versionOf('x', { files: { model: join(root, 'nothing') } })
  await assert.rejects(registry.addVersion('dog', missing), { code: 'ENOENT' })
  const reserved = await registry.reserve('dog')
  assert.equal(reserved, 'v1.0.2')
  const third = versionOf('three', { version: reserved, reserved: true })
  assert.equal((await registry.addVersion('dog', third)).version, reserved)
  await assert.rejects(registry.addVersion('dog', third), { code: 'version.exists' })
  await stores.close()
})

it('promotes only what passes the check and the gate, and tells those who watch', async () => {
  let broken = false
  const { registry, stores } = await openTestRegistry(fresh(), {
    verify: async () => {
      if (broken) throw new DugaError('internal')
    },
  })
  const served: string[] = []
  const stop = registry.watch('dog', async ({ version }) => {
    served.push(version)
  })
  const gate = { passed: false, reason: 'worse' }
  await registry.addVersion('dog', versionOf('one'))
  await registry.addVersion('dog', versionOf('two', { manifest: { ...draft, origin: { gate } } }))
  await registry.promote('dog', 'v1.0.0')
  assert.deepEqual(served, ['v1.0.0'])
  await assert.rejects(registry.promote('dog', 'v1.0.1'), { code: 'version.rejected' })
  broken = true
  await assert.rejects(registry.promote('dog', 'v1.0.1', { force: true }), { code: 'internal' })
  assert.equal((await registry.activeVersion('dog'))?.version, 'v1.0.0')
  broken = false
  await registry.promote('dog', 'v1.0.1', { force: true })
  await assert.rejects(registry.promote('dog', 'v7.0.0'), { code: 'version.unknown' })
  assert.deepEqual(served, ['v1.0.0', 'v1.0.1'])
  stop()
  await registry.rollBack('dog')
  assert.deepEqual(served, ['v1.0.0', 'v1.0.1'])
  await stores.close()
})

it('lets one of two promotions win', async () => {
  const { registry, stores } = await openTestRegistry(fresh())
  for (const text of ['one', 'two']) await registry.addVersion('dog', versionOf(text))
  const results = await Promise.allSettled([
    registry.promote('dog', 'v1.0.0'),
    registry.promote('dog', 'v1.0.1'),
  ])
  const codes = results.map((result) => (result.status === 'rejected' ? result.reason.code : 'won'))
  assert.deepEqual(codes.sort(), ['version.changed', 'won'])
  await stores.close()
})

it('rolls back step by step, past what was deleted', async () => {
  const { registry, stores } = await openTestRegistry(fresh())
  await assert.rejects(registry.rollBack('dog'), { code: 'version.no-previous' })
  for (const text of ['one', 'two', 'three', 'four']) {
    const { version } = await registry.addVersion('dog', versionOf(text))
    await registry.promote('dog', version)
  }
  assert.equal((await registry.rollBack('dog')).version, 'v1.0.2')
  await registry.deleteVersion('dog', 'v1.0.1')
  assert.equal((await registry.rollBack('dog')).version, 'v1.0.0')
  await assert.rejects(registry.rollBack('dog'), { code: 'version.no-previous' })
  await registry.promote('dog', 'v1.0.3')
  assert.equal((await registry.rollBack('dog')).version, 'v1.0.0')
  await stores.close()
})

it('deletes a version and the blobs that only it names', async () => {
  const { registry, stores, blobs } = await openTestRegistry(fresh())
  const one = await registry.addVersion('dog', versionOf('one'))
  await registry.addVersion('dog', versionOf('two'))
  await registry.promote('dog', 'v1.0.1')
  await assert.rejects(registry.deleteVersion('dog', 'v1.0.1'), { code: 'version.active' })
  await registry.deleteVersion('dog', 'v1.0.0')
  await assert.rejects(registry.deleteVersion('dog', 'v1.0.0'), { code: 'version.unknown' })
  assert.equal(await blobs.has(one.manifest.files.model!.sha256), false)
  assert.equal(await blobs.has(one.manifest.files.words!.sha256), true)
  await blobs.put(Buffer.from('orphan'))
  assert.equal(await registry.collect(), 1)
  assert.equal((await blobs.list()).length, 2)
  await stores.close()
})

it('hears of promotions by another process', async () => {
  const home = fresh()
  const server = await openTestRegistry(home)
  const other = await openTestRegistry(home)
  const heard = new Promise((resolve) => server.registry.watch('dog', resolve))
  const changes = await watchRevisions(server.stores.db, () => server.registry.refresh(), {
    interval: 20,
    failed,
  })
  await other.registry.addVersion('dog', versionOf('one'))
  await other.registry.promote('dog', 'v1.0.0')
  // The timer of the watch is unreferenced; this one keeps the process until it fires.
  const alive = setTimeout(() => {}, 10_000)
  assert.deepEqual(await heard, { service: 'dog', version: 'v1.0.0', revision: 1 })
  clearTimeout(alive)
  await changes.stop()
  await other.stores.close()
  await server.stores.close()
})

it('tells a change again where a watcher failed', async () => {
  const { registry, stores } = await openTestRegistry(fresh())
  let calls = 0
  registry.watch('dog', () => {
    if (calls++ === 0) throw new Error('not yet')
  })
  await registry.addVersion('dog', versionOf('one'))
  await assert.rejects(registry.promote('dog', 'v1.0.0'), /not yet/)
  await registry.refresh()
  await registry.refresh()
  assert.equal(calls, 2)
  await stores.close()
})

it('registers bundled models once, and activates only the first', async () => {
  const folder = join(fresh(), 'models')
  const { registry, stores } = await openTestRegistry(fresh())
  assert.deepEqual(await syncBundled(registry, stores, folder), [])
  const bundle = async (service: string, version: string, text: string, sha256?: string) => {
    mkdirSync(join(folder, service), { recursive: true })
    const hash = await hashStream(Readable.from([Buffer.from(text)]))
    const file = { name: 'model.onnx', bytes: hash.bytes, sha256: sha256 ?? hash.sha256 }
    const text_ = JSON.stringify({ ...manifest(service, version), files: { model: file } })
    writeFileSync(join(folder, service, 'manifest.json'), text_)
    writeFileSync(join(folder, service, 'model.onnx'), text)
    writeFileSync(join(folder, service, 'card.md'), `# ${service}`)
  }
  await bundle('dog', 'v1.0.0', 'one')
  await bundle('face', 'v1.0.0', 'changed', '0'.repeat(64))
  const [dog, face] = await syncBundled(registry, stores, folder)
  const first = { service: 'dog', version: 'v1.0.0', added: true, activated: true, error: null }
  assert.deepEqual(dog, first)
  assert.equal((face!.error as DugaError).code, 'blob.corrupt')
  assert.equal(await registry.activeVersion('face'), null)
  await bundle('dog', 'v1.1.0', 'two')
  const again = async () => (await syncBundled(registry, stores, folder))[0]
  assert.deepEqual(await again(), { ...first, version: 'v1.1.0', activated: false })
  assert.deepEqual(await again(), { ...first, version: 'v1.1.0', added: false, activated: false })
  assert.equal((await registry.activeVersion('dog'))?.version, 'v1.0.0')
  assert.equal((await registry.getVersion('dog', 'v1.1.0')).card, '# dog')
  await stores.close()
})

it('opens and serves the old or the new version after a kill at each step', async () => {
  const home = fresh()
  for (const step of STEPS) await killAndCheck(home, { step, countdown: 1 })
  await killAndCheck(home, { after: 30 })
})
