// `duga jobs`, `job <id> [--follow | --resume]`, `cancel <id>`: training jobs.
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { Command } from 'commander'
import { presentJob } from '../commands/present.ts'
import { DugaError } from '../errors.ts'
import type { Job } from '../jobs/queue.ts'
import type { CliContext, CommonOptions } from './context.ts'
import { withCore } from './core.ts'
import { createOutput } from './output.ts'
import { showProgress } from './progress.ts'
import { printOutcome, reportFolder, runHereOrFollow } from './run-here.ts'
import { syncModels } from './sync-models.ts'

const LOOK_MS = 300

export function jobsCommand(context: CliContext): Command {
  return new Command('jobs')
    .option('--service <name>', "only this service's")
    .description('training jobs, newest first')
    .addHelpText('after', '\nExample:\n  npx duga jobs --service product')
    .action((options) => list(context, options))
}

export function jobCommand(context: CliContext): Command {
  return new Command('job')
    .argument('<id>')
    .option('--follow', 'until it has ended')
    .option('--resume', 'goes on with one that failed or was cancelled, from its last checkpoint')
    .description('one training job')
    .addHelpText('after', '\nExamples:\n  npx duga job 019… --follow\n  npx duga job 019… --resume')
    .action((id, options) =>
      options.resume === true ? resume(context, id, options) : show(context, id, options),
    )
}

export function cancelCommand(context: CliContext): Command {
  return new Command('cancel')
    .argument('<id>')
    .description('ends a queued or running job')
    .addHelpText('after', '\nExample:\n  npx duga cancel 019…')
    .action((id, options) => cancel(context, id, options))
}

async function list(
  context: CliContext,
  options: CommonOptions & { readonly service?: string },
): Promise<void> {
  await withCore(context, options, async (core) => {
    const { stores } = core
    const { items } = await stores.jobs.list({
      limit: 100,
      ...(options.service !== undefined && { service: options.service }),
    })
    createOutput(options.json === true).list(
      items.map((job) => ({
        ...presentJob(job),
        message: job.finished === null ? job.progress.message : null,
        report: reportFolder(core, job),
      })),
      ['id', 'service', 'status', 'version', 'created', 'message', 'report'],
    )
  })
}

async function show(
  context: CliContext,
  id: string,
  options: CommonOptions & { readonly follow?: boolean },
): Promise<void> {
  const output = createOutput(options.json === true)
  await withCore(context, options, async (core) => {
    const { stores } = core
    const progress = showProgress(options.follow === true && !output.json)
    let job = await found(stores.jobs.get(id), id)
    while (options.follow === true && job.finished === null) {
      progress.update(job.progress.fraction, job.progress.message)
      await wait(LOOK_MS)
      job = await found(stores.jobs.get(id), id)
    }
    progress.stop()
    const report = reportFolder(core, job)
    output.result({ ...presentJob(job), report }, toText(job, report))
  })
}

async function resume(context: CliContext, id: string, options: CommonOptions): Promise<void> {
  const output = createOutput(options.json === true)
  await withCore(context, options, async (core) => {
    await syncModels(core)
    const job = await found(core.stores.jobs.resume(id), id)
    output.note(`Job ${job.id}: ${job.service} ${job.version}`)
    await printOutcome(context, output, core, await runHereOrFollow(core, id, output))
  })
}

async function cancel(context: CliContext, id: string, options: CommonOptions): Promise<void> {
  const output = createOutput(options.json === true)
  await withCore(context, options, async ({ stores }) => {
    const job = await found(stores.jobs.cancel(id), id)
    output.result(presentJob(job), `Job ${job.id} is ${job.status}.`)
  })
}

async function found(job: Promise<Job | null>, id: string): Promise<Job> {
  const row = await job
  if (!row) throw new DugaError('job.unknown', { id })
  return row
}

function toText(job: Job, report: string | null): string {
  const why = job.error === null ? '' : `\n${job.error}`
  const doing = job.finished === null ? `, ${job.progress.message}` : ''
  const where = report === null ? '' : `\nReport: ${join(report, 'index.html')}`
  return `Job ${job.id}: ${job.service} ${job.version ?? ''} ${job.status}${doing}${why}${where}`
}
