// What a server does soon after its start and then every ten minutes: deletes history past the limits of the settings, expired
// revocations and lock-outs, what jobs left on disk, and blobs that no version names.

import { pruneJobFolders } from '../jobs/prune-folders.ts'
import { prunePredictions } from '../store/retention.ts'
import type { Core } from './core.ts'

/** Not at once: the first answers come before. */
const FIRST_MS = 10_000
const INTERVAL_MS = 600_000
const DAY_MS = 86_400_000

/** @returns a function that ends it, waiting for what runs */
export function keepHouse(core: Core, failed: (error: unknown) => void): () => Promise<void> {
  let last = Promise.resolve()
  let timer: NodeJS.Timeout
  const plan = (delay: number): void => {
    timer = setTimeout(() => {
      last = cleanUp(core).catch(failed)
      plan(INTERVAL_MS)
    }, delay)
    timer.unref()
  }
  plan(FIRST_MS)
  return async () => {
    clearTimeout(timer)
    await last
  }
}

async function cleanUp(core: Core): Promise<void> {
  const { stores, registry, lockout } = core
  await expireHistory(core)
  await expireJobs(core)
  await stores.revocations.prune()
  await lockout.prune()
  await registry.collect()
}

async function expireJobs({ config, clock, stores, home, services, registry }: Core) {
  const active = services.map(({ definition }) => registry.activeVersion(definition.name))
  const jobs = (await Promise.all(active)).map((row) => row?.manifest.origin.job)
  await pruneJobFolders({
    ...{ jobs: stores.jobs, checkpoints: home.checkpoints, reports: home.reports },
    reportDays: config.reportRetentionDays,
    kept: new Set(jobs.filter((job) => typeof job === 'string')),
    now: clock.now(),
  })
}

async function expireHistory({ config, clock, stores, home, services }: Core): Promise<void> {
  const { historyRetentionDays: days, historyRetentionRows: rows } = config
  if (days === 0 && rows === 0) return
  const before = clock.now() - days * DAY_MS
  await prunePredictions(stores.db, { ...(days > 0 && { before }), ...(rows > 0 && { rows }) })
  if (days === 0) return
  for (const { deleteExpired } of services)
    await deleteExpired?.({ stores, home: home.folder }, before)
}
