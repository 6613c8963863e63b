// A job from its row to its version: succeeded, rejected, failed, cancelled, left and resumed. The trainer gives a
// seeded model instead of learning one; all else is real.
import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { buildCoughModel } from '../../test/builders/cough-model.ts'
import { createManualClock } from '../clock.ts'
import { presentVersion } from '../commands/present.ts'
import { DugaError } from '../errors.ts'
import type { Json } from '../json.ts'
import { openRegistry, type Registry } from '../registry/registry.ts'
import { openBlobStore } from '../store/blobs.ts'
import { openStores, type Stores } from '../store/stores.ts'
import type { TrainTask } from '../train/task.ts'
import { createEmbeddedQueue } from './embedded-queue.ts'
import { isOrphaned, ownerOf } from './owner.ts'
import { createPhases } from './phases.ts'
import { runJob, takeJob } from './run-job.ts'
import { hasReport } from './write-job-report.ts'

const clock = createManualClock()
let home: string
let stores: Stores
let registry: Registry

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'duga-jobs-'))
  stores = await openStores({ kind: 'sqlite', file: join(home, 'duga.db') }, clock)
  const blobs = await openBlobStore(join(home, 'blobs'))
  registry = await openRegistry({ stores, blobs, clock, verify: async () => {} })
})

afterEach(async () => {
  await stores.close()
  await rm(home, { recursive: true })
})

const gives =
  (passed: boolean): TrainTask =>
  async ({ progress }) => {
    progress(0.5, 'halfway')
    const gate = { passed, reason: passed ? 'better' : 'accuracy fell from 0.9 to 0.8' }
    return { candidate: buildCoughModel(), gate, notices: ['2 rows were empty'] }
  }

/** A passing candidate with held-out rows. */
const judged: TrainTask = async (context) => ({
  ...(await gives(true)(context)),
  evaluation: {
    kind: 'classification',
    classes: ['a', 'b'],
    labels: [0, 1, 1],
    probabilities: [0.9, 0.1, 0.2, 0.8, 0.6, 0.4],
  },
})

async function submitAndRun(
  train: TrainTask,
  signal = new AbortController().signal,
  more: { readonly [key: string]: Json } = {},
) {
  const queue = createEmbeddedQueue(stores.jobs)
  const { id } = await queue.submit({ service: 'cough', parameters: { data: 'x', ...more } })
  return await runNext(train, id, signal)
}

async function runNext(train: TrainTask, id: string, signal = new AbortController().signal) {
  const taken = await takeJob(stores.jobs, clock)
  assert.equal(taken?.id, id)
  const reports = join(home, 'reports')
  const parts = {
    jobs: stores.jobs,
    registry,
    reports,
    checkpoints: join(home, 'checkpoints'),
    threads: 1,
    cache: join(home, 'cache'),
    clock,
    trainerOf: async () => train,
    signal,
  }
  return await runJob(parts, taken!)
}

test('a candidate that passes becomes the active version', async () => {
  const job = await submitAndRun(gives(true))
  assert.equal(job.status, 'succeeded')
  assert.deepEqual((job.result as { notices: unknown }).notices, ['2 rows were empty'])
  assert.equal((await registry.activeVersion('cough'))?.version, job.version)
})

test('a rejected candidate keeps its number and does not serve', async () => {
  const first = await submitAndRun(gives(true))
  const second = await submitAndRun(gives(false))
  assert.equal(second.status, 'rejected')
  assert.match(second.error!, /accuracy fell/)
  assert.equal((await registry.activeVersion('cough'))?.version, first.version)
  assert.notEqual(second.version, first.version)
  await assert.rejects(registry.promote('cough', second.version!), { code: 'version.rejected' })
  await registry.promote('cough', second.version!, { force: true })
  assert.equal((await registry.activeVersion('cough'))?.version, second.version)
})

test('a forced candidate serves although it is worse, and that is recorded', async () => {
  await submitAndRun(gives(true))
  const job = await submitAndRun(gives(false), undefined, { force: true })
  assert.equal(job.status, 'succeeded')
  assert.match(String((job.result as { notices: string[] }).notices), /by force.*accuracy fell/)
  const active = await registry.activeVersion('cough')
  assert.equal(active?.version, job.version)
  const gate = { passed: false, reason: 'accuracy fell from 0.9 to 0.8', forced: true }
  assert.deepEqual(active?.manifest.origin.gate, gate)
  const promotions = await stores.activeVersions.promotions('cough')
  assert.equal(promotions.at(-1)?.forced, true)
  assert.equal(presentVersion(active!, null, promotions).gate, 'forced')
  const passed = await submitAndRun(gives(true), undefined, { force: true })
  const row = await registry.getVersion('cough', passed.version!)
  assert.equal(presentVersion(row, null, []).gate, 'passed')
})

test('a failed or cancelled job is resumed with what it kept; one that is done is not', async () => {
  const queue = createEmbeddedQueue(stores.jobs)
  const failed = await submitAndRun(async ({ checkpoints }) => {
    await writeFile(join(checkpoints, 'state'), 'epoch 3')
    throw new Error('the disk is full')
  })
  assert.equal(failed.status, 'failed')
  const meanwhile = await submitAndRun(gives(true))
  const queued = await queue.resume(failed.id)
  assert.deepEqual([queued?.status, queued?.error, queued?.finished], ['queued', null, null])
  assert.notEqual(queued?.version, meanwhile.version, 'its number was taken meanwhile')
  assert.equal((await queue.resume(failed.id))?.version, queued?.version, 'it waits already')
  await queue.cancel(failed.id)
  await queue.resume(failed.id)
  let kept = ''
  const done = await runNext(async (context) => {
    kept = await readFile(join(context.checkpoints, 'state'), 'utf8')
    return await gives(true)(context)
  }, failed.id)
  assert.equal(kept, 'epoch 3')
  assert.equal(done.status, 'succeeded')
  assert.deepEqual(await readdir(join(home, 'checkpoints')), [])
  await assert.rejects(queue.resume(failed.id), { code: 'job.not-resumable' })
  assert.equal(await queue.resume('none'), null)
})

test('a job with held-out rows leaves a report; one whose report cannot be written is not lost', async () => {
  const job = await submitAndRun(judged)
  assert.equal(hasReport(job), true)
  const folder = join(home, 'reports', job.id)
  const { metrics, gate } = JSON.parse(await readFile(join(folder, 'report.json'), 'utf8'))
  assert.equal(metrics.accuracy, 2 / 3)
  assert.deepEqual(gate, { passed: true, reason: 'better' })
  assert.equal((job.result as { metrics: { roc_auc: number } }).metrics.roc_auc, 1)
  assert.equal(hasReport(await submitAndRun(gives(true))), false, 'without held-out rows')

  await rm(join(home, 'reports'), { recursive: true })
  await writeFile(join(home, 'reports'), 'in the way')
  const other = await submitAndRun(judged)
  assert.equal(other.status, 'succeeded')
  assert.equal(hasReport(other), false)
  assert.match(
    String((other.result as { notices: string[] }).notices),
    /report could not be written/,
  )
})

test('a job that is cancelled while its report is written adds no version', async () => {
  const job = await submitAndRun(async (context) => {
    const result = await judged(context)
    const { items } = await stores.jobs.list()
    await stores.jobs.cancel(items[0]!.id)
    return result
  })
  assert.equal(job.status, 'cancelled')
  assert.deepEqual(await registry.listVersions('cough'), [])
})

test('phases are told apart by words, not by numbers', () => {
  let now = 0
  const phases = createPhases(() => now)
  for (const [message, until] of [
    ['reading', 500],
    ['epoch 1 of 2, loss 0.5', 1500],
    ['epoch 2 of 2, loss 0.4', 2000],
    ['judging', 2250],
    ['done', 2250],
    ['writing the report', 3000],
  ] as const) {
    phases.enter(message)
    now = until
  }
  assert.deepEqual(phases.seconds(), { reading: 0.5, epoch: 1.5, judging: 0.25 })
})

test('a failed job says why and gives its number back', async () => {
  const failed = await submitAndRun(async () => {
    throw new DugaError('file.unreadable', { path: 'x', reason: 'gone' })
  })
  assert.equal(failed.status, 'failed')
  assert.match(failed.error!, /cannot be read.*Check the path/)
  const next = await submitAndRun(gives(true))
  assert.equal(next.version, failed.version)
})

test('a cancelled job stops its trainer and adds no version', async () => {
  const job = await submitAndRun(async ({ signal }) => {
    const { items } = await stores.jobs.list()
    await stores.jobs.cancel(items[0]!.id)
    await new Promise((resolve) => signal.addEventListener('abort', resolve))
    throw signal.reason
  })
  assert.equal(job.status, 'cancelled')
  assert.deepEqual(await registry.listVersions('cough'), [])
})

test('a process that is asked to end leaves its job to be resumed', async () => {
  const ending = new AbortController()
  const job = await submitAndRun(async ({ signal }) => {
    ending.abort()
    throw signal.reason
  }, ending.signal)
  assert.equal(job.status, 'running')
  assert.equal(isOrphaned(job, clock.now()), false, 'its owner, this process, lives')
  clock.advance(10_000)
  const orphan = { ...job, owner: ownerOf(2 ** 22 + 1) }
  assert.equal(isOrphaned(orphan, clock.now()), true)
})

test('jobs of one service wait for each other, those of others do not', async () => {
  const queue = createEmbeddedQueue(stores.jobs)
  const first = await queue.submit({ service: 'cough', parameters: {} })
  const second = await queue.submit({ service: 'cough', parameters: {} })
  const other = await queue.submit({ service: 'dog', parameters: {} })
  assert.notEqual(first.version, second.version)
  assert.equal((await takeJob(stores.jobs, clock))?.id, first.id)
  assert.equal((await takeJob(stores.jobs, clock))?.id, other.id)
  assert.equal(await takeJob(stores.jobs, clock), null)
  await queue.cancel(first.id)
  assert.equal((await takeJob(stores.jobs, clock))?.id, second.id)
})
