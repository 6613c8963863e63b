// What becomes of an import whose process crashes, stalls, fails or is not wanted any more.
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, test } from 'node:test'
import { createImportAside, type ImportAnswer } from './import-aside.ts'

const temporary = mkdtempSync(join(tmpdir(), 'duga-aside-'))
afterEach(() => assert.deepEqual(readdirSync(temporary), []))
process.once('exit', () => rmSync(temporary, { recursive: true, force: true }))

const REQUEST = { service: 'cough', files: [], options: { settings: {} } }

/** A process that runs `script` in place of an import. */
const aside = (script: string, limitMs?: number) =>
  createImportAside({
    command: [process.execPath, '-e', script],
    temporary,
    ...(limitMs !== undefined && { limitMs }),
  })

const answering = (answer: ImportAnswer): string =>
  `require('fs').writeFileSync(process.env.TMPDIR + '/left', 'x');
   process.once('message', () => process.send(${JSON.stringify(answer)}, () => process.disconnect()))`

const STALL = `process.once('message', () => setInterval(() => {}, 1000))`

test('a crash, an end without an answer and a stall are the fault of the file', async () => {
  const crash = aside(`process.once('message', () => process.kill(process.pid, 'SIGSEGV'))`)
  await assert.rejects(crash.run(REQUEST), { code: 'model.unreadable', message: /SIGSEGV/ })
  const early = aside('process.exit(3)')
  await assert.rejects(early.run(REQUEST), { code: 'model.unreadable', message: /\(3\)/ })
  const stall = aside(STALL, 300)
  await assert.rejects(stall.run(REQUEST), { code: 'model.unreadable', message: /took more than/ })
})

test('a refusal is told in its own words, and a failure of ours is no refusal', async () => {
  const refused = { code: 'model.unfit' as const, parameters: { service: 'cough', reason: 'so' } }
  await assert.rejects(aside(answering({ refused })).run(REQUEST), {
    code: 'model.unfit',
    message: 'The model does not fit service cough: so',
  })
  const ours = aside(answering({ failed: 'a bug' })).run(REQUEST)
  await assert.rejects(ours, (error: Error & { code?: string }) => {
    assert.equal(error.code, undefined)
    return /a bug/.test(error.message)
  })
})

test('one after another; who goes away or closes is let go', async () => {
  const imports = aside(STALL)
  const controller = new AbortController()
  const first = imports.run(REQUEST, controller.signal)
  const second = imports.run(REQUEST)
  controller.abort()
  await assert.rejects(first, { code: 'cancelled' })
  const closed = imports.close()
  await assert.rejects(second, { code: 'server.closing' })
  await closed
  await assert.rejects(imports.run(REQUEST), { code: 'server.closing' })
})
