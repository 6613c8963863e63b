// The features that a training reads, epoch after epoch, in any order: rows of one length in a file of the job, so that
// memory does not grow with the data. What is read again soon stands in the system's page cache.
import { mkdir, open, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

export type TableType = 'float16' | 'float32'

export interface FeatureTable {
  /** Values a row. */
  readonly length: number
  /** Rows that it has. */
  readonly rows: number
  /** Writes rows at the places from `start` on, row after row. */
  write(start: number, values: Float32Array): Promise<void>
  /** Reads rows into `into`, in the order of the places. */
  read(places: readonly number[], into: Float32Array): Promise<void>
  /** Closes and deletes the file. */
  release(): Promise<void>
}

export interface FeatureTableOptions {
  /** Made anew, over one that a killed job left. */
  readonly path: string
  readonly rows: number
  readonly length: number
  /** How rows are stored; values come back as float32. */
  readonly type: TableType
}

export async function createFeatureTable(options: FeatureTableOptions): Promise<FeatureTable> {
  const { path, rows, length, type } = options
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const file = await open(path, 'w+', 0o600)
  const rowBytes = length * (type === 'float16' ? 2 : 4)
  return {
    length,
    rows,
    write: async (start, values) => {
      const stored = type === 'float16' ? new Float16Array(values) : values
      const bytes = new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength)
      let written = 0
      while (written < bytes.length) {
        const position = start * rowBytes + written
        written += (await file.write(bytes, written, bytes.length - written, position)).bytesWritten
      }
    },
    read: async (places, into) => {
      const bytes = new Uint8Array(places.length * rowBytes)
      await Promise.all(
        places.map(async (place, i) => {
          const { bytesRead } = await file.read(bytes, i * rowBytes, rowBytes, place * rowBytes)
          if (bytesRead !== rowBytes) throw new RangeError(`The table has no row ${place}.`)
        }),
      )
      into.set(type === 'float16' ? new Float16Array(bytes.buffer) : new Float32Array(bytes.buffer))
    },
    release: async () => {
      await file.close()
      await rm(path, { force: true })
    },
  }
}
