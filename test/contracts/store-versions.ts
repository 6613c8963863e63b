// Version numbers and the active version as every database must keep them.
import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Stores } from '../../src/store/stores.ts'
import { manifest, T0 } from './samples.ts'

export function versionContract(stores: () => Stores): void {
  const row = (service: string, version: string) => ({
    service,
    version,
    manifest: manifest(service, version),
    card: '# Card',
    created: T0,
  })

  it('numbers versions; a number that was used or is held is never given twice', async () => {
    const { versions } = stores()
    assert.equal(await versions.reserve('n'), 'v1.0.0')
    assert.equal(await versions.reserve('n'), 'v1.0.1')
    await versions.release('n', 'v1.0.1')
    assert.equal(await versions.reserve('n'), 'v1.0.1')
    await versions.add(row('n', 'v1.0.1'), { reserved: true })
    await versions.release('n', 'v1.0.1')
    await assert.rejects(versions.add(row('n', 'v1.0.1')), { code: 'version.exists' })
    await assert.rejects(versions.add(row('n', '1.0')), { code: 'version.invalid' })
    await versions.add(row('n', 'v1.0.10'))
    await versions.add(row('n', 'v1.0.9'))
    const listed = (await versions.list('n')).map(({ version }) => version)
    assert.deepEqual(listed, ['v1.0.10', 'v1.0.9', 'v1.0.1'])
    assert.deepEqual(await versions.get('n', 'v1.0.9'), row('n', 'v1.0.9'))
    await versions.remove('n', 'v1.0.10')
    assert.equal(await versions.get('n', 'v1.0.10'), null)
    assert.equal(await versions.taken('n', 'v1.0.10'), true)
    assert.equal(await versions.reserve('n'), 'v1.0.11')
    await assert.rejects(versions.remove('n', 'v1.0.10'), { code: 'version.unknown' })
  })

  it('activates by compare-and-set: of many at once, one', async () => {
    const { versions, activeVersions } = stores()
    const names = ['v1.0.0', 'v1.0.1', 'v1.0.2']
    for (const version of names) await versions.add(row('cas', version))
    assert.equal(await activeVersions.get('cas'), null)
    const tries = await Promise.all(
      names.map((version) =>
        activeVersions.activate('cas', version, { revision: 0, kind: 'promote' }),
      ),
    )
    assert.deepEqual(tries.filter(Boolean).length, 1)
    const active = await activeVersions.get('cas')
    assert.equal(active?.revision, 1)
    await assert.rejects(versions.remove('cas', active!.version), { code: 'version.active' })
    const forced = { revision: 1, kind: 'rollback', forced: true } as const
    assert.equal(await activeVersions.activate('cas', 'v9.9.9', forced), false)
    assert.equal(await activeVersions.activate('cas', 'v1.0.2', forced), true)
    const log = await activeVersions.promotions('cas')
    assert.deepEqual(
      log.map(({ version, previous, kind, forced }) => ({ version, previous, kind, forced })),
      [
        { version: active!.version, previous: null, kind: 'promote', forced: false },
        { version: 'v1.0.2', previous: active!.version, kind: 'rollback', forced: true },
      ],
    )
  })
}
