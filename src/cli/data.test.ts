import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { zipSync } from 'fflate'

const program = fileURLToPath(new URL('../../bin/duga.js', import.meta.url))

test('duga data get: from a mirror into the data folder, as one JSON object', async (t) => {
  const body = zipSync({
    'x/Dataset/3/IMG_1.JPG': Buffer.from('picture'),
    'x/README.md': Buffer.of(),
  })
  const server = createServer((_, response) => response.end(body))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const home = mkdtempSync(join(tmpdir(), 'duga-data-cli-'))
  t.after(() => {
    server.close()
    rmSync(home, { recursive: true })
  })
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/x.zip`
  const run = async (...args: string[]) => {
    const child = spawn(process.execPath, [program, 'data', ...args, '--json', '--home', home], {
      env: { ...process.env, DUGA_DATA: '' },
    })
    const done = new Promise<number | null>((resolve) => child.on('close', resolve))
    const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)])
    return { code: await done, out, err }
  }
  const got = await run('get', 'sign-language-digits', '--address', address)
  assert.equal(got.code, 0, got.err)
  const result = JSON.parse(got.out.trim().split('\n').at(-1)!) as Record<string, unknown>
  const folder = join(home, 'data', 'sign-language-digits')
  assert.deepEqual([result.folder, result.files, result.fetched], [folder, 1, true])
  assert.deepEqual(readdirSync(join(folder, '3')), ['IMG_1.JPG'])
  const wrong = await run('get', 'stanford-dogs', '--address', address)
  assert.equal(wrong.code, 1)
  assert.equal((JSON.parse(wrong.err) as { error: { code: string } }).error.code, 'download.failed')
  assert.equal((await run('get', 'cats')).code, 2)
})
