// What a version answers to crops, exactly as it does at serving: for judging versions, old and new, on the same pictures.
import { loadSession } from '../../engine/runtime.ts'
import type { Manifest } from '../../manifest.ts'
import { toLevels } from '../../tensor/pixel-tensor.ts'
import { readFrozen } from '../../train/data/read-frozen.ts'
import type { FileRow } from '../../train/data/row.ts'
import { toCrops } from '../../train/face/prepare-view.ts'
import { type FaceAnswer, toFaceAnswer } from './answer.ts'
import { toFacePixels } from './pixels.ts'

export interface ScoredFace {
  readonly row: FileRow
  readonly answer: FaceAnswer
}

export interface ScoreOptions {
  readonly manifest: Manifest
  readonly threads: number
  readonly signal: AbortSignal
}

/**
 * @param model bytes, or a path
 * @param rows of {@link readCrops}, made with a manifest of the same `decode`
 */
export async function scoreCrops(
  model: Uint8Array | string,
  rows: readonly FileRow[],
  { manifest, threads, signal }: ScoreOptions,
): Promise<readonly ScoredFace[]> {
  const pixels = toFacePixels(manifest)
  const [input, output] = [manifest.inputs[0]!.name, manifest.outputs[0]!.name]
  const session = await loadSession(model, { threads })
  const scored: ScoredFace[] = []
  try {
    for (const row of rows) {
      signal.throwIfAborted()
      const values: number[] = []
      const crops = toCrops(await readFrozen(row), pixels)
      // One by one: a graph may fix its batch at 1.
      for (const crop of crops) {
        const outputs = await session.run({ [input]: toLevels(crop, pixels) })
        values.push(...(outputs[output]!.data as Float32Array))
      }
      const dims = [crops.length, values.length / crops.length]
      const scores = {
        [output]: { type: 'float32', dims, data: Float32Array.from(values) },
      } as const
      scored.push({ row, answer: toFaceAnswer(scores, { manifest, extra: undefined }) })
    }
  } finally {
    await session.release()
  }
  return scored
}
