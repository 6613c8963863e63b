// Data that cannot be used, given to the trainers as a job would: an error that says what is wrong, or a notice.
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { loadConfig } from '../src/config.ts'
import { DugaError } from '../src/errors.ts'
import { createServices } from '../src/services/index.ts'
import type { TrainResult, TrainTask } from '../src/train/task.ts'
import { BAD_DATA, type BadData } from './builders/bad-training-data.ts'

const services = createServices(loadConfig({}))
let folder = ''

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'duga-bad-data-'))
})
after(() => rm(folder, { recursive: true }))

async function train(service: BadData['service'], data: string): Promise<TrainResult> {
  const { trainer } = services.find(({ definition }) => definition.name === service)!
  const { train } = (await import(trainer!.href)) as { readonly train: TrainTask }
  return await train({
    ...{ version: 'v1.0.1', incumbent: null, parameters: { data, seed: 1 } },
    checkpoints: await mkdtemp(join(folder, 'checkpoints-')),
    signal: new AbortController().signal,
    progress: () => {},
  })
}

for (const { service, name, write, code, says } of BAD_DATA) {
  test(`${service}: ${name}`, async () => {
    const own = join(await mkdtemp(join(folder, 'case-')), 'data')
    await mkdir(own)
    const data = (await write(own)) ?? own
    if (code === null) {
      const { notices } = await train(service, data)
      assert.match(notices.join('\n'), says)
      return
    }
    await assert.rejects(train(service, data), (error: unknown) => {
      assert.ok(error instanceof DugaError, String(error))
      assert.equal(error.code, code, error.message)
      assert.match(error.message, says)
      return true
    })
  })
}
