// Files that are on the disk, not only in the system's cache, when the promise resolves.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { Readable } from 'node:stream'

export interface Written {
  /** Lower-case hex. */
  readonly sha256: string
  readonly bytes: number
}

/** Copies a file (by path) or bytes to a new file, hashing on the way, and syncs it. */
export async function writeSynced(path: string, source: string | Uint8Array): Promise<Written> {
  const file = await open(path, 'wx', 0o600)
  try {
    // Not before: an error of a stream that nobody reads yet ends the process.
    const input = typeof source === 'string' ? createReadStream(source) : Readable.from([source])
    const written = await hashStream(input, async (chunk) => {
      await file.appendFile(chunk)
    })
    await file.sync()
    return written
  } finally {
    await file.close()
  }
}

/** SHA-256 and length of a stream; each chunk is passed on before the next is read. */
export async function hashStream(
  stream: Readable,
  pass?: (chunk: Uint8Array) => Promise<void>,
): Promise<Written> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of stream as AsyncIterable<Uint8Array>) {
    hash.update(chunk)
    bytes += chunk.byteLength
    await pass?.(chunk)
  }
  return { sha256: hash.digest('hex'), bytes }
}

/** Syncs a folder, so that a rename within it lasts. */
export async function syncFolder(folder: string): Promise<void> {
  // Windows cannot open folders, and keeps renames by itself.
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
