// What a cough model answers to recordings, heard as they are at serving: for judging versions, old and new, on the same
// rows.
import { loadSession } from '../../engine/runtime.ts'
import { DugaError } from '../../errors.ts'
import { createDraw } from '../augment/counter-random.ts'
import { createPrepare } from '../data/prepare-sound.ts'
import type { FileRow } from '../data/row.ts'
import type { CoughDecode } from './recipe.ts'

export interface ScoredRecording {
  readonly row: FileRow
  /** By output index. */
  readonly probabilities: Float32Array
}

/** @returns an entry for each row that can be read, in their order */
export async function scoreRecordings(
  model: Uint8Array,
  decode: CoughDecode,
  rows: readonly FileRow[],
  signal: AbortSignal,
): Promise<readonly ScoredRecording[]> {
  const session = await loadSession(model)
  const scored: ScoredRecording[] = []
  try {
    const inputName = session.inputs[0]!.name
    const none = { augmentation: null, mask: null, backgrounds: [] }
    const prepare = await createPrepare({ ...decode, ...none, inputName })
    for (const row of rows) {
      signal.throwIfAborted()
      const feeds = await prepare(row, createDraw({ seed: 0, epoch: 0, id: row.id })).catch(
        leaveOut,
      )
      if (feeds === null) continue
      const output = (await session.run(feeds))[session.outputs[0]!.name]!
      scored.push({ row, probabilities: Float32Array.from(output.data as Float32Array) })
    }
    return scored
  } finally {
    await session.release()
  }
}

/** A damaged or changed file is no reason to lose the others. */
function leaveOut(error: unknown): null {
  if (error instanceof DugaError) return null
  throw error
}
