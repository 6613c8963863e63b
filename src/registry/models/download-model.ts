// Fetches a file of the catalog over HTTP: resumes what was cut off, verifies the SHA-256, and only
// then gives the file its name. Addresses stand in our own table, so this is no guard against
// hostile ones; wrong bytes are refused all the same.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { DugaError } from '../../errors.ts'

export interface Download {
  readonly name: string
  readonly addresses: readonly string[]
  /** null where it is not known: what comes is taken, and resumed only while the server says that it is the same. */
  readonly sha256: string | null
  /** null where it is not known. */
  readonly bytes: number | null
}

export interface DownloadOptions {
  /** Path of the file; `<to>.part` holds what has come so far. */
  readonly to: string
  /** `total` is 0 where nobody knows it. */
  readonly onProgress?: (received: number, total: number) => void
  readonly signal?: AbortSignal
  /** Tries an address, each of which goes on where the last stopped. */
  readonly attempts?: number
  /** Milliseconds between tries. */
  readonly pause?: number
  /** Milliseconds without a byte after which a try is given up. */
  readonly patience?: number
}

/**
 * @returns the path, when the whole file with the right hash lies there; at once where it already
 * does
 * @throws DugaError `download.failed` (what came is kept for the next time), `download.mismatch`
 * (it is deleted)
 */
export async function downloadModel(download: Download, options: DownloadOptions): Promise<string> {
  const { to, attempts = 4, pause = 1000 } = options
  if (await isThere(to, download)) return to
  await mkdir(dirname(to), { recursive: true })
  const part = `${to}.part`
  let last: unknown
  for (const address of download.addresses) {
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      if (attempt > 0) await delay(pause, undefined, { signal: options.signal })
      try {
        await fetchRest(address, part, download, options)
        return await accept(part, download, to)
      } catch (error) {
        options.signal?.throwIfAborted()
        last = error
        if (isFinal(error)) break
      }
    }
  }
  if (last instanceof DugaError && last.code === 'download.mismatch') throw last
  throw failed(download, last instanceof Error ? reasonOf(last) : 'it has no address', last)
}

/** A file whose size nobody stated may not be larger. */
const LARGEST = 2 ** 34

async function isThere(path: string, { bytes, sha256 }: Download): Promise<boolean> {
  const size = await sizeOf(path)
  // It gets its name only when all of it has come.
  if (sha256 === null) return size > 0
  return size > 0 && (bytes === null || size === bytes) && (await hashOf(path)) === sha256
}

/** An answer that will not change by asking again. */
class RefusedError extends Error {}

/** Appends what is missing to the part file. */
async function fetchRest(
  address: string,
  part: string,
  download: Download,
  options: DownloadOptions,
): Promise<void> {
  const { patience = 30_000, onProgress } = options
  const tag = download.sha256 === null ? await readTag(part) : null
  // Without a hash only the server can say that the rest belongs to what is there.
  const have = download.sha256 === null && tag === null ? 0 : await sizeOf(part)
  if (have === download.bytes) return
  const stalled = new AbortController()
  const timer = setTimeout(() => stalled.abort(new Error('no data came')), patience)
  const signals = options.signal ? [options.signal, stalled.signal] : [stalled.signal]
  try {
    const response = await fetch(address, {
      headers: {
        'accept-encoding': 'identity',
        ...(have > 0 && { range: `bytes=${have}-` }),
        ...(have > 0 && tag !== null && { 'if-range': tag }),
      },
      signal: AbortSignal.any(signals),
    })
    const from = await startOf(response, have)
    const total = download.bytes ?? from + Number(response.headers.get('content-length') ?? 0)
    const known = download.bytes !== null || response.headers.has('content-length')
    if (download.sha256 === null) await writeTag(part, response.headers.get('etag'))
    const file = await open(part, from === 0 ? 'w' : 'a')
    let received = from
    try {
      for await (const chunk of response.body ?? []) {
        timer.refresh()
        received += chunk.length
        if (received > (known ? total : LARGEST)) {
          throw new RefusedError('the file is larger than stated')
        }
        await file.writeFile(chunk)
        onProgress?.(received, known ? total : 0)
      }
    } finally {
      await file.close()
    }
    if (known && received < total) throw new Error('the connection was cut')
  } finally {
    clearTimeout(timer)
  }
}

/** Where the body belongs in the file: servers that know no ranges send it from the start. */
async function startOf(response: Response, have: number): Promise<number> {
  if (response.status === 200) return 0
  const range = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')
  if (response.status === 206 && Number(range?.[1]) === have) return have
  await response.body?.cancel()
  const text = `the server answered ${response.status}`
  throw response.status >= 400 && response.status < 500 ? new RefusedError(text) : new Error(text)
}

/** Gives the part file its name, or deletes it where it is not the file. */
async function accept(part: string, download: Download, to: string): Promise<string> {
  const { name, sha256: expected } = download
  const actual = expected === null ? null : await hashOf(part)
  await rm(`${part}.tag`, { force: true })
  if (actual === null || actual === expected) {
    await rename(part, to)
    return to
  }
  await rm(part)
  throw new DugaError('download.mismatch', { name, actual, expected: expected! })
}

/** The server's name for the version that the part file belongs to; null for none, or a weak one. */
async function readTag(part: string): Promise<string | null> {
  try {
    return await readFile(`${part}.tag`, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

async function writeTag(part: string, tag: string | null): Promise<void> {
  // A weak one may stand for other bytes.
  if (tag === null || tag.startsWith('W/')) await rm(`${part}.tag`, { force: true })
  else await writeFile(`${part}.tag`, tag)
}

const isFinal = (error: unknown): boolean =>
  error instanceof RefusedError || error instanceof DugaError

/** fetch says only "fetch failed"; why is in its cause. */
const reasonOf = (error: Error): string =>
  error.cause instanceof Error && error.cause.message !== '' ? error.cause.message : error.message

function failed({ name }: Download, reason: string, cause: unknown): DugaError {
  return new DugaError('download.failed', { name, reason }, { cause })
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0
    throw error
  }
}
