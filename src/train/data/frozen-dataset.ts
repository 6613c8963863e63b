// The set that a job began with, in a file of the job: rows, hashes, sides. A resumed job trains on the same.
import { createHash } from 'node:crypto'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { gunzipSync, gzipSync, strFromU8, strToU8 } from 'fflate'
import type { DataRow, Dataset } from './row.ts'
import type { Side } from './split-rows.ts'

export interface FrozenDataset<Row extends DataRow> extends Dataset<Row> {
  /** Side of each row. */
  readonly sides: readonly Side[]
}

/** Written whole or not at all. */
export async function saveDataset<Row extends DataRow>(
  path: string,
  set: FrozenDataset<Row>,
): Promise<void> {
  const temporary = `${path}.tmp`
  try {
    await writeFile(temporary, gzipSync(strToU8(JSON.stringify(set)), { mtime: 0 }), {
      flush: true,
    })
    await rename(temporary, path)
  } finally {
    await rm(temporary, { force: true })
  }
}

/** @returns null where there is no such file */
export async function loadDataset<Row extends DataRow>(
  path: string,
): Promise<FrozenDataset<Row> | null> {
  try {
    return JSON.parse(strFromU8(gunzipSync(await readFile(path)))) as FrozenDataset<Row>
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

/** SHA-256 over ids, labels and contents in order of the ids: equal for equal data, wherever it lies. */
export function dataHash(rows: readonly DataRow[]): string {
  const hash = createHash('sha256')
  const sorted = rows.toSorted((a, b) => (a.id < b.id ? -1 : 1))
  for (const { id, label, contentHash } of sorted) {
    hash.update(`${JSON.stringify([id, label, contentHash])}\n`)
  }
  return hash.digest('hex')
}
