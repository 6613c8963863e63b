// `duga run-job`: the process that the server starts for one job. Not for people, and not in the help.
import { Command } from 'commander'
import { runJob, takeJob } from '../jobs/run-job.ts'
import type { CliContext, CommonOptions } from './context.ts'
import { withCore } from './core.ts'
import { jobParts } from './job-parts.ts'

export function runJobCommand(context: CliContext): Command {
  const command = new Command('run-job').description('takes one job, runs it and ends')
  return command.action((options: CommonOptions) => run(context, options))
}

async function run(context: CliContext, options: CommonOptions): Promise<void> {
  const ending = new AbortController()
  process.once('SIGTERM', () => ending.abort())
  // The server is gone: end with it, and let the next one resume.
  process.once('disconnect', () => ending.abort())
  await withCore(context, options, async (core) => {
    const job = await takeJob(core.stores.jobs, core.clock)
    if (job === null) return
    await runJob(
      {
        ...jobParts(core),
        signal: ending.signal,
        onStart: ({ id }) => process.send?.({ job: id }),
      },
      job,
    )
  })
  if (process.connected) process.disconnect()
}
