// Accepts a training: the data's path is confined, the job gets its number and waits for its turn.
import { DugaError } from '../errors.ts'
import type { Job, JobQueue } from '../jobs/queue.ts'
import type { Json } from '../json.ts'
import { confinePath } from './confine-path.ts'

export interface TrainingParts {
  readonly jobs: JobQueue
  /** Root that paths over HTTP are confined to; null for the command line, where they are not. */
  readonly dataRoot: string | null
  readonly trainable: boolean
}

/**
 * @param parameters `data` is the path; the others go to the recipe as they are
 * @throws DugaError training.unavailable, path.outside, path.missing
 */
export async function startTraining(
  { jobs, dataRoot, trainable }: TrainingParts,
  service: string,
  parameters: { readonly data: string } & { readonly [key: string]: Json },
): Promise<Job> {
  if (!trainable) throw new DugaError('training.unavailable', { service })
  const data =
    dataRoot === null
      ? parameters.data
      : await confinePath(dataRoot, parameters.data, { stripPrefix: 'data' })
  return await jobs.submit({ service, parameters: { ...parameters, data } })
}
