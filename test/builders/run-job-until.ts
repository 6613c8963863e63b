// Runs the next job of a home with a service's real trainer, and kills itself the hard way where it is told to.
// node run-job-until.ts <home> [progress <pattern> | step <step> | end]
import { pathToFileURL } from 'node:url'
import { runJob, takeJob } from '../../src/jobs/run-job.ts'
import { openTestRegistry } from '../../src/registry/fixtures/open-test-registry.ts'
import { train } from '../../src/services/vibration/train.ts'

/** An owner that was heard of just now counts as lost. */
const clock = { now: () => Date.now() + 60_000 }

export async function runNextJob(
  home: string,
  hooks: {
    readonly onProgress?: (fraction: number, message: string) => Promise<unknown> | undefined
    readonly onStep?: (step: string) => void
    /** Called from inside the trainer, which waits for nothing. */
    readonly inTraining?: (checkpoints: string) => void
  } = {},
) {
  const { onProgress, onStep, inTraining } = hooks
  const opened = await openTestRegistry(home, onStep ? { onStep } : {})
  const { stores, registry } = opened
  try {
    const job = await takeJob(stores.jobs, clock)
    if (job === null) throw new Error('there is no job')
    return await runJob(
      {
        ...{ jobs: stores.jobs, registry, clock },
        trainerOf: async () => (context) =>
          train({
            ...context,
            progress: (fraction, message) => {
              if (message.startsWith('training')) inTraining?.(context.checkpoints)
              context.progress(fraction, message)
            },
          }),
        ...{ reports: `${home}/reports`, checkpoints: `${home}/checkpoints` },
        ...{ cache: `${home}/cache`, threads: 1 },
        signal: new AbortController().signal,
        ...(onProgress && { onProgress: (...args) => void onProgress(...args) }),
      },
      job,
    )
  } finally {
    await stores.close()
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]!).href) {
  const [home, kind, what] = process.argv.slice(2)
  const die = (): void => {
    process.kill(process.pid, 'SIGKILL')
  }
  await runNextJob(home!, {
    onProgress: (fraction, message) => {
      if (kind === 'progress' && new RegExp(what!).test(`${fraction.toFixed(2)} ${message}`)) die()
      return undefined
    },
    onStep: (step) => {
      if (kind === 'step' && step === what) die()
    },
  })
}
