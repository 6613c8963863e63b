// `duga run-job`: the process that the server starts for one job. Not for people, and not in the help.
import { Command } from 'commander'
import { DugaError } from '../errors.ts'
import type { ServiceModule } from '../http/service-module.ts'
import { runJob, takeJob } from '../jobs/run-job.ts'
import type { TrainTask } from '../train/task.ts'
import type { CliContext, CommonOptions } from './context.ts'
import { withCore } from './core.ts'
import { trainingThreads } from './training-threads.ts'

export function runJobCommand(context: CliContext): Command {
  const command = new Command('run-job').description('takes one job, runs it and ends')
  return command.action((options: CommonOptions) => run(context, options))
}

async function run(context: CliContext, options: CommonOptions): Promise<void> {
  const ending = new AbortController()
  process.once('SIGTERM', () => ending.abort())
  // The server is gone: end with it, and let the next one resume.
  process.once('disconnect', () => ending.abort())
  await withCore(context, options, async ({ stores, registry, clock, services, home }) => {
    const job = await takeJob(stores.jobs, clock)
    if (job === null) return
    await runJob(
      {
        jobs: stores.jobs,
        registry,
        reports: home.reports,
        checkpoints: home.checkpoints,
        cache: home.cache,
        threads: trainingThreads(home.folder),
        clock,
        trainerOf: (service) => trainerOf(services, service),
        signal: ending.signal,
        onStart: ({ id }) => process.send?.({ job: id }),
      },
      job,
    )
  })
  if (process.connected) process.disconnect()
}

/** @throws DugaError training.unavailable */
export async function trainerOf(
  services: readonly ServiceModule[],
  service: string,
): Promise<TrainTask> {
  const module = services.find(({ definition }) => definition.name === service)
  if (module?.trainer === undefined) throw new DugaError('training.unavailable', { service })
  const loaded = (await import(module.trainer.href)) as { readonly train: TrainTask }
  return loaded.train
}
