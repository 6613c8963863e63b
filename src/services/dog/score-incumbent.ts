// What the version that serves says of held-out pictures, through the very decode and answer that serve.
import { loadSession } from '../../engine/runtime.ts'
import type { DecodeContext } from '../../engine/service.ts'
import { DugaError } from '../../errors.ts'
import { readFrozen } from '../../train/data/read-frozen.ts'
import type { FileRow } from '../../train/data/row.ts'
import type { TrainContext } from '../../train/task.ts'
import { toAnswer } from './answer.ts'
import { decode } from './decode.ts'

/** @returns the breed that it names for each row, by id; rows that cannot be read are left out */
export async function scoreIncumbent(
  { manifest, paths }: NonNullable<TrainContext['incumbent']>,
  rows: readonly FileRow[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const context: DecodeContext = { manifest, run: unused, file: unused }
  const session = await loadSession(paths.model!)
  const named = new Map<string, string>()
  try {
    for (const row of rows) {
      signal.throwIfAborted()
      try {
        const { feeds } = await decode(await readFrozen(row), context)
        const outputs = await session.run(feeds)
        const rest = { input: undefined, extra: undefined, clock: { now: () => 0 } }
        named.set(row.id, toAnswer(outputs, { manifest, ...rest }).breed)
      } catch (error) {
        if (!(error instanceof DugaError)) throw error
      }
    }
    return named
  } finally {
    await session.release()
  }
}

async function unused(): Promise<never> {
  throw new TypeError('the dog service runs no other file of a version')
}
