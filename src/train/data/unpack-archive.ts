// A tar, tar.gz or zip file → the files of it that are wanted, where they are wanted. Nothing is ever written outside
// of the folder; links, devices and archives that unpack to more than stated are refused.
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, open } from 'node:fs/promises'
import { dirname, join, posix } from 'node:path'
import { type Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import tar from 'tar-stream'
import yauzl, { type Entry } from 'yauzl'

export interface UnpackOptions {
  /** An existing folder. */
  readonly to: string
  /** Where a file goes, with `/` between names; null: it is not wanted. */
  readonly place: (path: string) => string | null
  readonly mostFiles: number
  readonly mostBytes: number
  readonly signal?: AbortSignal
  /** Files written so far. */
  readonly onProgress?: (files: number) => void
}

/** An archive that is damaged, or does what no archive of data needs to do. */
export class ArchiveError extends Error {
  override name = 'ArchiveError'
}

/**
 * What was written before a failure stays: unpack into a folder that can be thrown away.
 * @returns files written
 * @throws ArchiveError
 */
export async function unpackArchive(file: string, options: UnpackOptions): Promise<number> {
  const writer = createWriter(options)
  const kind = await sniffArchive(file)
  try {
    if (kind === 'zip') await unpackZip(file, writer)
    else await unpackTar(file, kind === 'gzip', writer, options.signal)
  } catch (cause) {
    options.signal?.throwIfAborted()
    // The disk's failures are not the archive's.
    if (cause instanceof ArchiveError || isOfSystem(cause)) throw cause
    throw new ArchiveError((cause as Error).message, { cause })
  }
  return writer.files
}

interface Writer {
  readonly files: number
  /** Where an entry goes, relative to the folder; null where it is not wanted. @throws ArchiveError */
  accept(path: string, kind: 'file' | 'other'): string | null
  write(place: string, content: Readable): Promise<void>
}

function createWriter(options: UnpackOptions): Writer {
  const { to, place, mostFiles, mostBytes, signal, onProgress } = options
  let files = 0
  let bytes = 0
  const count = () =>
    new Transform({
      transform: (chunk: Uint8Array, _, done) => {
        bytes += chunk.length
        if (bytes <= mostBytes) done(null, chunk)
        else done(new ArchiveError(`it unpacks to more than ${mostBytes} bytes`))
      },
    })
  return {
    get files() {
      return files
    },
    accept: (path, kind) => {
      const wanted = place(checkPath(path))
      if (wanted === null) return null
      if (kind !== 'file') throw new ArchiveError(`"${path}" is no ordinary file`)
      if (files >= mostFiles) throw new ArchiveError(`it holds more than ${mostFiles} files`)
      return checkPath(wanted)
    },
    write: async (wanted, content) => {
      const path = join(to, ...wanted.split('/'))
      await mkdir(dirname(path), { recursive: true })
      try {
        // wx: an entry that comes twice does not replace the first, and a link is not written through.
        await pipeline(content, count(), createWriteStream(path, { flags: 'wx', signal }))
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause
        throw new ArchiveError(`"${wanted}" comes twice`, { cause })
      }
      files += 1
      onProgress?.(files)
    },
  }
}

/** The path without `./`. @throws ArchiveError where it leads out, on any system */
function checkPath(path: string): string {
  const parts = posix.normalize(path).split('/')
  const bad = path.includes('\0') || path.includes('\\') || /^[a-z]:/i.test(path)
  if (bad || path === '' || path.length > 1024 || path.startsWith('/') || parts.includes('..')) {
    throw new ArchiveError(`"${path.slice(0, 100)}" leads out of the folder`)
  }
  return parts.join('/')
}

async function unpackTar(
  file: string,
  gzip: boolean,
  writer: Writer,
  signal: AbortSignal | undefined,
): Promise<void> {
  const entries = tar.extract()
  const source = createReadStream(file)
  const feeding = gzip
    ? pipeline(source, createGunzip(), entries, { signal })
    : pipeline(source, entries, { signal })
  // Its failure destroys the entries, which ends the loop; it is awaited behind it.
  feeding.catch(() => {})
  for await (const entry of entries) {
    const { name, type } = entry.header
    const isFile = type === 'file' || type === 'contiguous-file'
    const place = type === 'directory' ? null : writer.accept(name, isFile ? 'file' : 'other')
    if (type === 'directory') checkPath(name)
    if (place === null) entry.resume()
    else await writer.write(place, entry as unknown as Readable)
  }
  await feeding
}

async function unpackZip(file: string, writer: Writer): Promise<void> {
  const archive = await yauzl.openPromise(file, { strictFileNames: true, autoClose: false })
  try {
    for await (const entry of archive.eachEntry()) {
      if (entry.fileName.endsWith('/')) continue
      const place = writer.accept(entry.fileName, isOrdinary(entry) ? 'file' : 'other')
      if (place === null) continue
      if (entry.isEncrypted()) throw new ArchiveError(`"${entry.fileName}" is encrypted`)
      await writer.write(place, await archive.openReadStreamPromise(entry))
    }
  } finally {
    archive.close()
  }
}

/** Archives made on Unix say what a file is in the upper half of its attributes. */
function isOrdinary({ externalFileAttributes }: Entry): boolean {
  const kind = (externalFileAttributes >>> 16) & 0xf000
  return kind === 0 || kind === 0x8000
}

async function sniffArchive(file: string): Promise<'zip' | 'gzip' | 'tar'> {
  await using handle = await open(file)
  const head = new Uint8Array(262)
  const { bytesRead } = await handle.read(head, 0, head.length, 0)
  if (head[0] === 0x50 && head[1] === 0x4b) return 'zip'
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip'
  const magic = Buffer.from(head.subarray(257, 262)).toString('latin1')
  if (bytesRead === head.length && magic === 'ustar') return 'tar'
  throw new ArchiveError('it is neither a tar nor a zip file')
}

function isOfSystem(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error
}
