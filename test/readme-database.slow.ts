// The README's start on MariaDB, as it stands but for the names of database, server and home: the database is made, and a prediction
// lands in the contract's table. Then another home takes its rows over by the command of docs/databases.md.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, it } from 'node:test'
import { findServer } from './builders/database-server.ts'
import { ROOT, startProgram, until } from './builders/serve-process.ts'

const server = await findServer('mysql')
const home = mkdtempSync(join(tmpdir(), 'duga-readme-database-'))
after(async () => {
  rmSync(home, { recursive: true })
  if (server.skip === false) await server.close()
})

it('starts on MariaDB as the README says', { skip: server.skip }, async () => {
  const target = server.newTarget()
  const url = server.urlOf(target)
  const [line] = /DATABASE_URL=\S+ npm start/.exec(readFileSync(join(ROOT, 'README.md'), 'utf8'))!
  const command = line.replace(/mysql\+pymysql:\S+/, url)
  assert.notEqual(command, line)
  const program = startProgram([], {
    command: ['bash', '-c', `exec env ${command}`],
    environment: { DUGA_HOME: home, PORT: '0' },
  })
  let text = ''
  program.child.stdout!.on('data', (chunk) => {
    text += chunk
  })
  await until(() => / on http:\S+/.test(text), 'the server listens', 120_000)
  const at = / on (http:\S+)/.exec(text)![1]!
  const form = new FormData()
  form.set('file', new Blob([readFileSync(join(ROOT, 'examples/dog.jpg'))]), 'dog.jpg')
  const answer = await fetch(`${at}/dog/api/predict`, { method: 'POST', body: form })
  const { predicted_breed: breed } = (await answer.json()) as { predicted_breed: string }
  const rows = await server.ask<{ predicted_breed: string }>(
    'select predicted_breed from prediction_history',
    target,
  )
  assert.deepEqual(
    rows.map((row) => row.predicted_breed),
    [breed],
  )
  program.child.kill('SIGTERM')
  assert.equal((await program.ended).code, 0)

  const other = { DUGA_HOME: join(home, 'other') }
  for (const added of [1, 0]) {
    const run = startProgram(['migrate', 'import', url, '--json'], { environment: other })
    const { code, stdout } = await run.ended
    assert.equal(code, 0)
    assert.deepEqual(JSON.parse(stdout).predictions, { found: 1, added })
  }
})
