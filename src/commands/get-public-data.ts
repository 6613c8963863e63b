// Fetches a public data set and unpacks it into a folder that training takes. The folder is there whole or not at all.
import { createHash, randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { DugaError } from '../errors.ts'
import { downloadModel } from '../registry/models/download-model.ts'
import type { PublicArchive, PublicSet } from '../train/data/public-sets.ts'
import { ArchiveError, unpackArchive } from '../train/data/unpack-archive.ts'

export interface GetDataOptions {
  /** The folder to be made. */
  readonly to: string
  /** Where archives lie while they come, and for good what each one's hash was. */
  readonly downloads: string
  /** Take an archive whose hash is another than the first time. */
  readonly acceptChange?: boolean
  /** Keep the archives after unpacking. */
  readonly keepArchives?: boolean
  readonly signal?: AbortSignal
  /** `total` is 0 where nobody knows it. */
  readonly onProgress?: (what: 'downloading' | 'unpacking', done: number, total: number) => void
}

export interface PublicData {
  readonly folder: string
  readonly files: number
  /** SHA-256 of each archive. */
  readonly sha256: readonly string[]
  /** False where it was there already. */
  readonly fetched: boolean
}

/** Written into the folder: what it is, from where, on what terms. Hidden, so that no reader takes it for data. */
const MARK = '.duga-data.json'

/**
 * @throws DugaError download.failed (what came is kept), download.mismatch, data.archive, data.changed, data.exists
 */
export async function getPublicData(set: PublicSet, options: GetDataOptions): Promise<PublicData> {
  const { to, downloads, signal } = options
  const known = await readMark(set, to)
  if (known !== null) return { folder: to, ...known, fetched: false }
  await mkdir(downloads, { recursive: true })
  await mkdir(dirname(to), { recursive: true })
  const paths: string[] = []
  const sha256: string[] = []
  for (const archive of set.archives) {
    const path = join(downloads, fileName(archive))
    await downloadModel(
      { ...archive, name: set.name, addresses: [archive.address] },
      {
        to: path,
        ...(signal && { signal }),
        onProgress: (done, total) => options.onProgress?.('downloading', done, total),
      },
    )
    sha256.push(archive.sha256 ?? (await pin(set, path, options.acceptChange === true)))
    paths.push(path)
  }
  const staging = `${to}.part-${randomBytes(6).toString('hex')}`
  try {
    const files = await unpackAll(set, paths, staging, options)
    await writeFile(join(staging, MARK), `${JSON.stringify(toMark(set, sha256, files), null, 2)}\n`)
    // An empty folder gives way; whatever came there meanwhile does not.
    await rename(staging, to)
    if (options.keepArchives !== true) for (const path of paths) await rm(path, { force: true })
    return { folder: to, files, sha256, fetched: true }
  } finally {
    await rm(staging, { recursive: true, force: true })
  }
}

async function unpackAll(
  set: PublicSet,
  paths: readonly string[],
  staging: string,
  { signal, onProgress }: GetDataOptions,
): Promise<number> {
  await mkdir(staging)
  let files = 0
  for (const [index, path] of paths.entries()) {
    const before = files
    try {
      files += await unpackArchive(path, {
        ...set.archives[index]!,
        to: staging,
        ...(signal && { signal }),
        onProgress: (count) => onProgress?.('unpacking', before + count, 0),
      })
      if (files === before) throw new ArchiveError('it holds none of the files that it should')
    } catch (cause) {
      if (!(cause instanceof ArchiveError)) throw cause
      // Fetched again next time: what is there is of no use.
      await rm(path, { force: true })
      throw new DugaError('data.archive', { name: set.name, reason: cause.message }, { cause })
    }
  }
  return files
}

/** The hash of a file that nobody vouches for, compared with what it was when it first came. */
async function pin({ name }: PublicSet, path: string, acceptChange: boolean): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  const actual = hash.digest('hex')
  const expected = await readFile(`${path}.sha256`, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  })
  if (expected !== null && expected !== actual && !acceptChange) {
    throw new DugaError('data.changed', { name, actual, expected })
  }
  await writeFile(`${path}.sha256`, actual)
  return actual
}

/** One name an address, so that sets which share an archive share its file. */
function fileName({ address }: PublicArchive): string {
  const key = createHash('sha256').update(address).digest('hex').slice(0, 12)
  return `${key}-${basename(new URL(address).pathname)}`
}

function toMark(set: PublicSet, sha256: readonly string[], files: number) {
  const { name, title, homepage, licence, terms, archives } = set
  const addresses = archives.map(({ address }) => address)
  return { name, title, homepage, licence, terms, addresses, sha256, files }
}

/** What an earlier call made; null where there is nothing. @throws DugaError data.exists for anything else */
async function readMark(
  { name }: PublicSet,
  to: string,
): Promise<{ readonly files: number; readonly sha256: readonly string[] } | null> {
  let names: string[]
  try {
    names = await readdir(to)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT') return null
    throw code === 'ENOTDIR' ? new DugaError('data.exists', { folder: to }, { cause }) : cause
  }
  if (names.length === 0) return null
  if (names.includes(MARK)) {
    const mark = JSON.parse(await readFile(join(to, MARK), 'utf8')) as ReturnType<typeof toMark>
    if (mark.name === name) return { files: mark.files, sha256: mark.sha256 }
  }
  throw new DugaError('data.exists', { folder: to })
}
