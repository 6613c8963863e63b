// Accepts a training: its paths are confined, the job gets its number and waits for its turn.
import { resolve } from 'node:path'
import { DugaError } from '../errors.ts'
import type { Job, JobQueue } from '../jobs/queue.ts'
import type { Json } from '../json.ts'
import { checkOptions, PATH_OPTIONS, type TrainOption } from '../train/options.ts'
import { confinePath } from './confine-path.ts'

export interface TrainingParts {
  readonly jobs: JobQueue
  /** Root that paths over HTTP are confined to; null for the command line, where they are not. */
  readonly dataRoot: string | null
  readonly trainable: boolean
  /** What the service takes besides the common options; not checked where it is left out: the caller has done so. */
  readonly options?: readonly TrainOption[]
}

/**
 * @param parameters `data` is the path; the others go to the recipe as they are
 * @throws DugaError training.unavailable, training.option, path.outside, path.missing
 */
export async function startTraining(
  { jobs, dataRoot, trainable, options }: TrainingParts,
  service: string,
  parameters: { readonly data: string } & { readonly [key: string]: Json },
): Promise<Job> {
  if (!trainable) throw new DugaError('training.unavailable', { service })
  const { data: given, ...asked } = parameters
  if (options !== undefined) checkOptions(service, options, asked)
  const place = async (path: string): Promise<string> =>
    dataRoot === null ? resolve(path) : await confinePath(dataRoot, path, { stripPrefix: 'data' })
  const paths: Record<string, Json> = { data: await place(given) }
  for (const option of PATH_OPTIONS) {
    const path = asked[option]
    if (typeof path === 'string') paths[option] = await place(path)
  }
  return await jobs.submit({ service, parameters: { ...asked, ...paths } })
}
