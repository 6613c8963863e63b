// What a process that runs training jobs works with, whoever started it.
import { DugaError } from '../errors.ts'
import type { ServiceModule } from '../http/service-module.ts'
import type { RunJobParts } from '../jobs/run-job.ts'
import type { TrainTask } from '../train/task.ts'
import type { Core } from './core.ts'
import { trainingThreads } from './training-threads.ts'

/** All but how it is ended, and who hears of it. */
export function jobParts({
  stores,
  registry,
  clock,
  services,
  home,
}: Core): Omit<RunJobParts, 'signal'> {
  return {
    jobs: stores.jobs,
    registry,
    reports: home.reports,
    checkpoints: home.checkpoints,
    cache: home.cache,
    threads: trainingThreads(home.folder),
    clock,
    trainerOf: (service) => trainerOf(services, service),
  }
}

/** @throws DugaError training.unavailable */
async function trainerOf(services: readonly ServiceModule[], service: string): Promise<TrainTask> {
  const module = services.find(({ definition }) => definition.name === service)
  if (module?.trainer === undefined) throw new DugaError('training.unavailable', { service })
  const loaded = (await import(module.trainer.href)) as { readonly train: TrainTask }
  return loaded.train
}
