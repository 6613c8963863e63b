// A zip archive whose entries are read one by one, each within a limit. Nothing is written anywhere but to the path that
// the caller names: the names inside decide nothing.
import { open } from 'node:fs/promises'
import { inflateRawSync } from 'node:zlib'
import yauzl, { type Entry } from 'yauzl'
import { DugaError } from '../errors.ts'

const MOST_ENTRIES = 100_000
const STORED = 0
const DEFLATED = 8
const LOCAL_HEADER_BYTES = 30
const LARGEST_INFLATED = 4 * 1024 ** 3

export interface ZipFile {
  readonly path: string
  readonly entries: ReadonlyMap<string, Entry>
}

/** @throws DugaError model.unreadable */
export async function openZip(path: string): Promise<ZipFile> {
  try {
    const archive = await yauzl.openPromise(path, { autoClose: true })
    if (archive.entryCount > MOST_ENTRIES) throw new Error(`${archive.entryCount} entries`)
    const entries = new Map<string, Entry>()
    await new Promise<void>((resolve, reject) => {
      archive.on('entry', (entry: Entry) => {
        if (entries.has(entry.fileName)) reject(new Error(`"${entry.fileName}" comes twice`))
        entries.set(entry.fileName, entry)
        archive.readEntry()
      })
      archive.on('error', reject)
      archive.on('end', resolve)
      archive.readEntry()
    })
    return { path, entries }
  } catch (cause) {
    throw damaged((cause as Error).message, cause)
  }
}

/**
 * Where a stored entry lies in the file; null where it is compressed.
 * @throws DugaError model.unreadable
 */
export async function locateEntry(
  { path }: ZipFile,
  entry: Entry,
): Promise<{ readonly start: number; readonly length: number } | null> {
  if (entry.compressionMethod !== STORED) return null
  const { start } = await readHeader(path, entry)
  return { start, length: entry.uncompressedSize }
}

/**
 * The content of an entry.
 * @throws DugaError model.unreadable where it is damaged or unpacks to more than `most` bytes
 */
export async function readEntry(
  { path }: ZipFile,
  entry: Entry,
  most = LARGEST_INFLATED,
): Promise<Uint8Array> {
  const { fileName, compressionMethod, compressedSize, uncompressedSize } = entry
  if (uncompressedSize > most || compressedSize > most) {
    throw damaged(`"${fileName}" unpacks to more than ${most} bytes`)
  }
  if (entry.isEncrypted()) throw damaged(`"${fileName}" is encrypted`)
  const { start, available } = await readHeader(path, entry)
  if (compressedSize > available) throw damaged(`"${fileName}" is cut off`)
  const raw = await readRange(path, start, compressedSize)
  if (compressionMethod === STORED) return raw
  if (compressionMethod !== DEFLATED) {
    throw damaged(`"${fileName}" is compressed in an unusual way (${compressionMethod})`)
  }
  try {
    return inflateRawSync(raw, { maxOutputLength: Math.max(1, uncompressedSize) })
  } catch (cause) {
    throw damaged(`"${fileName}" is damaged`, cause)
  }
}

/** The local header may have other extra fields than the central one: only it says where the data begins. */
async function readHeader(
  path: string,
  entry: Entry,
): Promise<{ readonly start: number; readonly available: number }> {
  const from = entry.relativeOffsetOfLocalHeader
  const header = await readRange(path, from, LOCAL_HEADER_BYTES)
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength)
  if (header.length < LOCAL_HEADER_BYTES || view.getUint32(0, true) !== 0x04034b50) {
    throw damaged(`the header of "${entry.fileName}" is missing`)
  }
  const start = from + LOCAL_HEADER_BYTES + view.getUint16(26, true) + view.getUint16(28, true)
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const available = size - start
    if (entry.compressedSize > available) throw damaged(`"${entry.fileName}" is cut off`)
    return { start, available }
  } finally {
    await file.close()
  }
}

async function readRange(path: string, start: number, length: number): Promise<Uint8Array> {
  const file = await open(path)
  try {
    const bytes = new Uint8Array(length)
    const { bytesRead } = await file.read(bytes, 0, length, start)
    return bytes.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

function damaged(reason: string, cause?: unknown): DugaError {
  return new DugaError('model.unreadable', { reason: `the archive: ${reason}` }, { cause })
}
