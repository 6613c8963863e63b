import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, rm, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createManualClock } from '../clock.ts'
import { openStores } from '../store/stores.ts'
import { pruneJobFolders } from './prune-folders.ts'
import { hasReport } from './write-job-report.ts'

const DAY = 86_400_000

test('checkpoints go a week after their job failed, reports after the days that are set', async () => {
  const home = await mkdtemp(join(tmpdir(), 'duga-prune-'))
  const clock = createManualClock()
  const stores = await openStores({ kind: 'sqlite', file: join(home, 'duga.db') }, clock)
  const [checkpoints, reports] = [join(home, 'checkpoints'), join(home, 'reports')]
  try {
    const { jobs } = stores
    const run = async (status: 'succeeded' | 'failed'): Promise<string> => {
      const { id } = await jobs.accept({ service: 'cough', parameters: {} })
      await jobs.claim('me')
      await jobs.finish(id, 'me', { status, result: { report: true, notices: ['kept'] } })
      return id
    }
    const [done, failed, serving] = [
      await run('succeeded'),
      await run('failed'),
      await run('succeeded'),
    ]
    const running = (await jobs.accept({ service: 'cough', parameters: {} })).id
    for (const name of [done, failed, running, 'unknown']) {
      await mkdir(join(checkpoints, name), { recursive: true })
    }
    const made = new Date(clock.now())
    for (const name of [done, failed, serving, 'evaluation-x', `${running}.partial`]) {
      await mkdir(join(reports, name), { recursive: true })
      await utimes(join(reports, name), made, made)
    }
    const prune = (reportDays: number) =>
      pruneJobFolders({
        ...{ jobs, checkpoints, reports, reportDays, now: clock.now() },
        kept: new Set([serving]),
      })
    await prune(30)
    assert.deepEqual((await readdir(checkpoints)).sort(), [failed, running].sort())
    assert.equal((await readdir(reports)).length, 5)
    clock.advance(8 * DAY)
    await prune(30)
    assert.deepEqual(await readdir(checkpoints), [running])
    assert.deepEqual(
      (await readdir(reports)).sort(),
      [done, failed, serving, 'evaluation-x'].sort(),
    )
    clock.advance(30 * DAY)
    await prune(0)
    assert.equal((await readdir(reports)).length, 4)
    await prune(30)
    assert.deepEqual(await readdir(reports), [serving])
    const gone = (await jobs.get(done))!
    assert.equal(hasReport(gone), false)
    assert.deepEqual(gone.result, { report: false, notices: ['kept'] })
    assert.equal(hasReport((await jobs.get(serving))!), true)
  } finally {
    await stores.close()
    await rm(home, { recursive: true })
  }
})
