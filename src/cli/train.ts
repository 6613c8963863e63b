// `duga train <service> --data <path>`: a new version. It is a job like those over HTTP; this process runs it itself
// unless a server takes it first.
import { join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { Command } from 'commander'
import { startTraining } from '../commands/start-training.ts'
import { createEmbeddedQueue } from '../jobs/embedded-queue.ts'
import { runJob, takeJob } from '../jobs/run-job.ts'
import { hasReport } from '../jobs/write-job-report.ts'
import type { JobRow } from '../store/job-row.ts'
import { type CliContext, type CommonOptions, serviceNamed } from './context.ts'
import { type Core, withCore } from './core.ts'
import { createOutput, type Output, UsageError } from './output.ts'
import { showProgress } from './progress.ts'
import { trainerOf } from './run-job.ts'
import { syncModels } from './sync-models.ts'

interface Options extends CommonOptions {
  readonly data: string
  readonly replace?: boolean
  readonly seed?: string
  readonly nameColumn?: string
  readonly categoryColumn?: string
  readonly normal?: string
  readonly epochs?: string
}

const LOOK_MS = 200

export function trainCommand(context: CliContext): Command {
  return new Command('train')
    .argument('<service>')
    .requiredOption('--data <path>', 'file or folder with the new rows')
    .option('--replace', 'start afresh instead of adding to the rows of the current version')
    .option('--name-column <name>', 'product: the column with the names, where it has another name')
    .option('--category-column <name>', 'product: the column with the categories')
    .option('--normal <state>', 'vibration: the state of the rows that are as they should be')
    .option('--epochs <number>', 'cough: most passes over the recordings')
    .option('--seed <number>', 'seed of everything that is random', '42')
    .description('trains a new version; it serves if it is not worse than the current one')
    .addHelpText(
      'after',
      '\nExamples:\n  npx duga train product --data new-products.csv\n  npx duga train product --data lists/ --replace --json\n  npx duga train cough --data recordings/\n  npx duga train vibration --data fan.csv',
    )
    .action((service, options) => train(context, service, options))
}

async function train(context: CliContext, service: string, options: Options): Promise<void> {
  const seed = Number(options.seed)
  if (!Number.isSafeInteger(seed) || seed < 0) throw new UsageError('--seed must be 0 or more.')
  const output = createOutput(options.json === true)
  await withCore(context, options, async (core) => {
    const { definition, trainer } = serviceNamed(core.services, service)
    await syncModels(core)
    const queue = createEmbeddedQueue(core.stores.jobs)
    const job = await startTraining(
      { jobs: queue, dataRoot: null, trainable: trainer !== undefined },
      definition.name,
      {
        data: resolve(options.data),
        seed,
        ...(options.replace && { replace: true }),
        ...(options.nameColumn !== undefined && { name_column: options.nameColumn }),
        ...(options.normal !== undefined && { normal: options.normal }),
        ...(options.epochs !== undefined && { epochs: toCount('--epochs', options.epochs) }),
        ...(options.categoryColumn !== undefined && { category_column: options.categoryColumn }),
      },
    )
    output.note(`Job ${job.id}: ${definition.name} ${job.version}`)
    const ended = await runHereOrFollow(core, job.id, output)
    const active = (await core.registry.activeVersion(service))?.version ?? null
    const folder = hasReport(ended) ? resolve(core.home.reports, ended.id) : null
    report(context, output, ended, active, folder)
  })
}

async function runHereOrFollow(
  { stores, registry, clock, services, home }: Core,
  id: string,
  output: Output,
): Promise<JobRow> {
  const progress = showProgress(!output.json)
  const ending = new AbortController()
  process.once('SIGINT', () => ending.abort())
  try {
    for (;;) {
      const job = (await stores.jobs.get(id))!
      if (job.finished !== null || ending.signal.aborted) return job
      progress.update(job.progress.fraction, job.progress.message)
      // Jobs of one service go one after another: an older one that waits is run first.
      const taken = job.status === 'queued' ? await takeJob(stores.jobs, clock) : null
      if (taken === null) {
        await wait(LOOK_MS)
        continue
      }
      await runJob(
        {
          jobs: stores.jobs,
          registry,
          reports: home.reports,
          checkpoints: home.checkpoints,
          clock,
          trainerOf: (service) => trainerOf(services, service),
          signal: ending.signal,
          onProgress: progress.update,
        },
        taken,
      )
    }
  } finally {
    progress.stop()
  }
}

function report(
  context: CliContext,
  output: Output,
  job: JobRow,
  active: string | null,
  folder: string | null,
): void {
  const { metrics = {}, notices = [] } = (job.result ?? {}) as {
    metrics?: Record<string, number>
    notices?: string[]
  }
  const promoted = job.status === 'succeeded' && active === job.version
  if (job.status !== 'succeeded' && job.status !== 'rejected') context.exitCode = 1
  const lines = [
    `${job.service} ${job.version}: ${job.status}${promoted ? ' and serving' : ''}`,
    ...(job.error === null ? [] : [job.error]),
    ...notices.map((notice) => `note: ${notice}`),
    ...Object.entries(metrics).map(([name, value]) => `  ${name} ${value.toFixed(4)}`),
    ...(folder === null ? [] : [`Report: ${join(folder, 'index.html')}`]),
  ]
  const { id, status, version, error } = job
  output.result(
    {
      ...{ job: id, status, version, promoted, metrics },
      ...(folder !== null && { report: folder }),
      ...(error !== null && { error }),
    },
    lines.join('\n'),
  )
}

/** @throws UsageError */
function toCount(option: string, text: string): number {
  const count = Number(text)
  if (!Number.isInteger(count) || count < 1) throw new UsageError(`${option} must be 1 or more.`)
  return count
}
