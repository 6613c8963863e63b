// Recordings of a folder → their spectrograms, on all cores, each once a training. Some 30 kB a recording of 5 s.
import { moduleUrl } from '../../engine/service.ts'
import { createPreparePool } from '../data/prepare-pool.ts'
import type { FileRow, Skipped } from '../data/row.ts'
import type { CoughDecode } from './recipe.ts'

/** Levels of one recording: row-major bytes, `data[band * frames + frame]`; see prepare-mel.ts. */
export interface MelClip {
  readonly bands: number
  readonly frames: number
  readonly data: Uint8Array
}

export interface ReadMelsOptions {
  readonly decode: CoughDecode
  readonly threads: number
  readonly signal: AbortSignal
  /** @param fraction 0..1 */
  readonly onProgress: (fraction: number) => void
}

/** @returns a clip for each row, null where it could not be read, and why */
export async function readMels(
  rows: readonly FileRow[],
  { decode, threads, signal, onProgress }: ReadMelsOptions,
): Promise<{ readonly clips: readonly (MelClip | null)[]; readonly skipped: readonly Skipped[] }> {
  const module = moduleUrl(import.meta.url, './prepare-mel')
  const pool = createPreparePool({ module, setup: { ...decode }, threads })
  const clips: (MelClip | null)[] = Array(rows.length).fill(null)
  const skipped: Skipped[] = []
  let done = 0
  const read = async (start: number): Promise<void> => {
    const own = rows.slice(start, start + CHUNK)
    const sent = own.map(({ id, path, contentHash }) => ({ id, path, contentHash }))
    const outcomes = await pool.run({ rows: sent, seed: 0, epoch: 0 }, signal)
    for (const [i, outcome] of outcomes.entries()) {
      if ('reason' in outcome) skipped.push({ file: own[i]!.id, reason: outcome.reason })
      else {
        const { dims, data } = outcome.inputs.mel!
        clips[start + i] = { bands: dims[1]!, frames: dims[2]!, data: data as Uint8Array }
      }
    }
    done += own.length
    onProgress(done / rows.length)
  }
  const starts = Array.from({ length: Math.ceil(rows.length / CHUNK) }, (_, i) => i * CHUNK)
  try {
    await Promise.all(starts.map(read))
  } finally {
    await pool.close()
  }
  skipped.sort((a, b) => (a.file < b.file ? -1 : 1))
  return { clips, skipped }
}

const CHUNK = 8
