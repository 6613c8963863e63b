// Pictures of a folder → a file each with its crops, on all cores, so that faces are looked for once a training. What is
// learned from afterwards are these files, and the memory that is needed does not grow with their number.
import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { moduleUrl } from '../../engine/service.ts'
import { createPreparePool } from '../../train/data/prepare-pool.ts'
import type { FileRow, Skipped } from '../../train/data/row.ts'
import type { CropSetup } from './prepare-crops.ts'

export interface ReadCropsOptions extends CropSetup {
  /** Where the files go; made where it is missing. */
  readonly folder: string
  readonly threads: number
  readonly signal: AbortSignal
  /** @param fraction 0..1 */
  readonly onProgress: (fraction: number) => void
}

export interface ReadCrops {
  /** The rows that have a face, as rows of their crops: path, size and hash are those of the new files. */
  readonly crops: readonly FileRow[]
  readonly skipped: readonly Skipped[]
}

/** Pictures that a thread is sent at once. */
const CHUNK = 4

/** @throws the signal's reason, DugaError lane.lost, what the file system throws */
export async function readCrops(
  rows: readonly FileRow[],
  { manifest, paths, folder, threads, signal, onProgress }: ReadCropsOptions,
): Promise<ReadCrops> {
  const module = moduleUrl(import.meta.url, './prepare-crops')
  const setup: CropSetup = { manifest, paths }
  const pool = createPreparePool({ module, setup, threads })
  const read: (FileRow | null)[] = Array(rows.length).fill(null)
  const skipped: Skipped[] = []
  let done = 0
  const work = async (start: number): Promise<void> => {
    const own = rows.slice(start, start + CHUNK)
    const sent = own.map(({ id, path, contentHash }) => ({ id, path, contentHash }))
    const outcomes = await pool.run({ rows: sent, seed: 0, epoch: 0 }, signal)
    for (const [i, outcome] of outcomes.entries()) {
      const row = own[i]!
      if ('reason' in outcome) skipped.push({ file: row.id, reason: outcome.reason })
      else {
        const levels = outcome.inputs.crops!.data as Uint8Array
        const path = join(folder, `${row.contentHash}.rgb`)
        await writeFile(path, levels)
        const contentHash = createHash('sha256').update(levels).digest('hex')
        read[start + i] = { ...row, path, contentHash, bytes: levels.length }
      }
    }
    done += own.length
    onProgress(done / rows.length)
  }
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const starts = Array.from({ length: Math.ceil(rows.length / CHUNK) }, (_, i) => i * CHUNK)
  try {
    await Promise.all(starts.map(work))
  } finally {
    await pool.close()
  }
  skipped.sort((a, b) => (a.file < b.file ? -1 : 1))
  return { crops: read.filter((row) => row !== null), skipped }
}
