// A zip archive, of a file or of bytes, whose entries are read one by one, each within a limit. Nothing is written
// anywhere: the names inside decide nothing.
import { open, stat } from 'node:fs/promises'
import { inflateRawSync } from 'node:zlib'
import yauzl, { type Entry } from 'yauzl'
import { DugaError } from '../errors.ts'

const MOST_ENTRIES = 100_000
const STORED = 0
const DEFLATED = 8
const LOCAL_HEADER_BYTES = 30
const LARGEST_INFLATED = 4 * 1024 ** 3

/** A path, or all of the archive. */
type Source = string | Uint8Array

export interface ZipFile<S extends Source = Source> {
  readonly source: S
  readonly entries: ReadonlyMap<string, Entry>
}

/** @throws DugaError model.unreadable */
export async function openZip<S extends Source>(source: S): Promise<ZipFile<S>> {
  try {
    const archive =
      typeof source === 'string'
        ? await yauzl.openPromise(source, { autoClose: true })
        : await yauzl.fromBufferPromise(bufferOf(source))
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
    return { source, entries }
  } catch (cause) {
    throw damaged((cause as Error).message, cause)
  }
}

/**
 * Where a stored entry lies in the file; null where it is compressed.
 * @throws DugaError model.unreadable
 */
export async function locateEntry(
  { source }: ZipFile,
  entry: Entry,
): Promise<{ readonly start: number; readonly length: number } | null> {
  if (entry.compressionMethod !== STORED) return null
  const start = await findData(source, entry)
  return { start, length: entry.uncompressedSize }
}

/**
 * The content of an entry; it shares memory with the archive where that is bytes and the entry is stored.
 * @throws DugaError model.unreadable where it is damaged or unpacks to more than `most` bytes
 */
export async function readEntry(
  { source }: ZipFile,
  entry: Entry,
  most = LARGEST_INFLATED,
): Promise<Uint8Array> {
  const { fileName, compressionMethod, compressedSize, uncompressedSize } = entry
  if (uncompressedSize > most || compressedSize > most) {
    throw damaged(`"${fileName}" unpacks to more than ${most} bytes`)
  }
  if (entry.isEncrypted()) throw damaged(`"${fileName}" is encrypted`)
  const start = await findData(source, entry)
  const raw = await readRange(source, start, compressedSize)
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
async function findData(source: Source, entry: Entry): Promise<number> {
  const from = entry.relativeOffsetOfLocalHeader
  const header = await readRange(source, from, LOCAL_HEADER_BYTES)
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength)
  if (header.length < LOCAL_HEADER_BYTES || view.getUint32(0, true) !== 0x04034b50) {
    throw damaged(`the header of "${entry.fileName}" is missing`)
  }
  const start = from + LOCAL_HEADER_BYTES + view.getUint16(26, true) + view.getUint16(28, true)
  const size = typeof source === 'string' ? (await stat(source)).size : source.length
  if (entry.compressedSize > size - start) throw damaged(`"${entry.fileName}" is cut off`)
  return start
}

async function readRange(source: Source, start: number, length: number): Promise<Uint8Array> {
  if (typeof source !== 'string') return source.subarray(start, start + length)
  const file = await open(source)
  try {
    const bytes = new Uint8Array(length)
    const { bytesRead } = await file.read(bytes, 0, length, start)
    return bytes.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

const bufferOf = (bytes: Uint8Array): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

function damaged(reason: string, cause?: unknown): DugaError {
  return new DugaError('model.unreadable', { reason: `the archive: ${reason}` }, { cause })
}
