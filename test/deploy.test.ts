// The files that keep Duga running: read by the programs that read them in production, where those are there.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { accessSync, constants, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '')

test('the PM2 file names one process, with a program and an interpreter that are there', () => {
  const { apps } = createRequire(import.meta.url)('../ecosystem.config.cjs')
  assert.equal(apps.length, 1)
  const [app] = apps
  accessSync(app.script, constants.R_OK)
  const version = spawnSync(app.interpreter, ['--version'], { encoding: 'utf8' }).stdout
  assert.ok(Number(/^v(\d+)/.exec(version)?.[1]) >= 24, `the interpreter is Node ${version}`)
  assert.equal(app.instances, 1)
  assert.equal(app.exec_mode, 'fork')
})

test('systemd finds nothing to complain about in the unit', (t) => {
  if (spawnSync('systemd-analyze', ['--version']).error) {
    t.skip('systemd-analyze is not installed')
    return
  }
  const folder = mkdtempSync(join(tmpdir(), 'duga-unit-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const unit = readFileSync(join(root, 'deploy/duga.service'), 'utf8')
  const file = join(folder, 'duga.service')
  writeFileSync(file, unit.replaceAll('/opt/duga', root))
  const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', file], {
    encoding: 'utf8',
  })
  const about = stderr.split('\n').filter((line) => line.includes('duga'))
  assert.deepEqual(about, [])
  assert.equal(status, 0, stderr)
})
