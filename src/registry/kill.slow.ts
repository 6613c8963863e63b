// Many kills of a process that promotes, at every step and at random moments.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, it } from 'node:test'
import { killAndCheck, STEPS } from './fixtures/kill-check.ts'

const folder = mkdtempSync(join(tmpdir(), 'duga-kill-'))
after(() => rmSync(folder, { recursive: true }))

it('survives kill -9 at every step of many rounds', async () => {
  for (let countdown = 0; countdown < 8; countdown++) {
    for (const step of STEPS) await killAndCheck(folder, { step, countdown })
  }
})

it('survives kill -9 at any moment', async () => {
  for (let round = 0; round < 60; round++) {
    await killAndCheck(folder, { after: Math.random() * 120 })
  }
})
