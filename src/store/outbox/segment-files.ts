// The files of an outbox' folder: segments named by the place of their first byte, and the cursor.
import { type FileHandle, open, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { syncFolder } from '../durable-file.ts'
import { parseRecords } from './segment.ts'

export interface Segment {
  readonly path: string
  /** Place of its first byte. */
  readonly start: number
  size: number
}

export async function findSegments(folder: string): Promise<Segment[]> {
  const names = (await readdir(folder)).filter((name) => /^\d{16}\.log$/.test(name)).sort()
  return names.map((name) => ({
    path: join(folder, name),
    start: Number(name.slice(0, 16)),
    size: 0,
  }))
}

export async function createSegment(
  folder: string,
  start: number,
): Promise<{ segment: Segment; file: FileHandle }> {
  const path = join(folder, `${String(start).padStart(16, '0')}.log`)
  const file = await open(path, 'w', 0o600)
  await syncFolder(folder)
  return { segment: { path, start, size: 0 }, file }
}

/** Counts the intact records behind a place. */
export async function scan({ path, start }: Segment, cursor: number) {
  const bytes = await readFile(path)
  const parsed = parseRecords(bytes, start)
  return {
    records: parsed.records.filter(({ end }) => end > cursor).length,
    bytes: parsed.bytes,
    damaged: bytes.length - parsed.bytes,
  }
}

export async function writeAll(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  let written = 0
  while (written < bytes.length) {
    const rest = bytes.length - written
    written += (await file.write(bytes, written, rest, position + written)).bytesWritten
  }
}

export async function readRange(path: string, from: number, length: number): Promise<Buffer> {
  const file = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, from)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

export async function readCursor(folder: string): Promise<number> {
  const cursor = Number((await readIfThere(join(folder, 'cursor'))) ?? 0)
  // An unreadable place means that some is sent again, which targets take for what it is.
  return Number.isSafeInteger(cursor) ? cursor : 0
}

export async function writeCursor(folder: string, cursor: number): Promise<void> {
  const path = join(folder, 'cursor')
  await writeFile(`${path}.new`, String(cursor), { mode: 0o600 })
  await rename(`${path}.new`, path)
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
