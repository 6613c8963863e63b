import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, it } from 'node:test'
import { openHome } from './home.ts'
import { homeHolder, lockHome } from './home-lock.ts'

const root = mkdtempSync(join(tmpdir(), 'duga-home-'))
after(() => rmSync(root, { recursive: true }))

it('makes private folders and secrets once', async () => {
  const folder = join(root, 'fresh')
  const homes = await Promise.all([openHome(folder), openHome(folder), openHome(folder)])
  const [first] = homes
  for (const home of homes) assert.deepEqual(home, first)
  assert.equal(new Set(Object.values(first!.secrets)).size, 3)
  for (const secret of Object.values(first!.secrets)) assert.equal(secret.length, 43)
  assert.equal(statSync(folder).mode & 0o777, 0o700)
  for (const name of readdirSync(join(folder, 'secrets'))) {
    assert.equal(statSync(join(folder, 'secrets', name)).mode & 0o777, 0o600)
  }
  assert.equal(readdirSync(join(folder, 'secrets')).length, 3)
})

it('closes an open folder, and prefers given secrets without keeping them', async () => {
  const folder = mkdtempSync(join(root, 'open-'))
  chmodSync(folder, 0o755)
  const home = await openHome(folder, { adminToken: 'given-given-given', secretKey: null })
  assert.equal(statSync(folder).mode & 0o777, 0o700)
  assert.equal(home.secrets.adminToken, 'given-given-given')
  assert.equal(existsSync(join(folder, 'secrets', 'admin-token')), false)
})

it('refuses the home of a newer program', async () => {
  const folder = mkdtempSync(join(root, 'newer-'))
  writeFileSync(join(folder, 'format'), '2\n')
  await assert.rejects(openHome(folder), { code: 'home.newer' })
})

it('lets one server in and says who it is', async () => {
  const folder = mkdtempSync(join(root, 'lock-'))
  assert.equal(homeHolder(folder), null)
  const lock = lockHome(folder)
  assert.equal(homeHolder(folder)?.pid, process.pid)
  assert.throws(() => lockHome(folder), {
    code: 'home.locked',
    message: new RegExp(`process ${process.pid}`),
  })
  lock.release()
  assert.equal(homeHolder(folder), null)
  lockHome(folder).release()
})

it('is free again when its server was killed', async () => {
  const folder = mkdtempSync(join(root, 'killed-'))
  const module = new URL('./home-lock.ts', import.meta.url).href
  const script = `import { lockHome } from '${module}'
    lockHome(${JSON.stringify(folder)})
    globalThis.gc()
    process.stdout.write('locked')
    setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--expose-gc', '--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  try {
    await once(child.stdout, 'data')
    assert.throws(() => lockHome(folder), {
      code: 'home.locked',
      message: new RegExp(`process ${child.pid}`),
    })
  } finally {
    child.kill('SIGKILL')
  }
  await once(child, 'exit')
  lockHome(folder).release()
})
