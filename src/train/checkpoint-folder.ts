// Where in a job's folder a training keeps its checkpoint: a place that only the same training finds again.
import { createHash } from 'node:crypto'
import { join } from 'node:path'

/**
 * @param folder of the job: `TrainContext.checkpoints`
 * @param identity all that decides what is learned, as plain JSON: hash of the data, classes, recipe, seed. Where any of it has changed
 *   since the checkpoint was written, the training starts afresh instead of going on with what does not belong to it.
 */
export function checkpointFolder(
  folder: string,
  identity: Readonly<Record<string, unknown>>,
): string {
  const hash = createHash('sha256').update(JSON.stringify(identity)).digest('hex')
  return join(folder, hash.slice(0, 16))
}
