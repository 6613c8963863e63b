// Brings the models that ship with Duga into the registry: `<folder>/<service>/manifest.json`, its files and `card.md`.
// A service without an active version gets its own; an existing installation only sees the newer one in its list.
import { createReadStream } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DugaError, type ErrorCode } from '../errors.ts'
import type { Manifest } from '../manifest.ts'
import { hashStream } from '../store/durable-file.ts'
import type { Stores } from '../store/stores.ts'
import type { Registry } from './registry.ts'

export interface BundledResult {
  readonly service: string
  readonly version: string
  /** Whether it was new to this home. */
  readonly added: boolean
  readonly activated: boolean
  /** Why it could not be added or activated; the others went on. */
  readonly error: unknown
}

/** @param folder the folder of bundled models; one that is not there holds none */
export async function syncBundled(
  registry: Registry,
  stores: Stores,
  folder: string,
): Promise<BundledResult[]> {
  // At once: while one is proven on a lane, another can be on the next.
  const found = await findManifests(folder)
  return await Promise.all(found.map((model) => syncOne(registry, stores, model)))
}

interface BundledModel {
  readonly path: string
  readonly manifest: Manifest
}

async function syncOne(
  registry: Registry,
  stores: Stores,
  { path, manifest }: BundledModel,
): Promise<BundledResult> {
  const { service, version } = manifest
  let added = false
  let activated = false
  let error: unknown = null
  try {
    added = await addBundled(registry, stores, path, manifest)
    activated = await activateFirst(registry, stores, service, version)
  } catch (reason) {
    error = reason
  }
  return { service, version, added, activated, error }
}

async function addBundled(
  registry: Registry,
  stores: Stores,
  path: string,
  manifest: Manifest,
): Promise<boolean> {
  const { service, version, files: described, format: _, created: __, ...draft } = manifest
  const files = Object.fromEntries(
    Object.entries(described).map(([role, file]) => [role, join(path, file.name)]),
  )
  // Also taken when it was deleted here: it does not come back.
  if (await stores.versions.taken(service, version)) {
    const known = await stores.versions.get(service, version)
    if (known !== null) await registry.ensureFiles(known.manifest, files)
    return false
  }
  const card = await readFile(join(path, 'card.md'), 'utf8')
  for (const [role, { sha256 }] of Object.entries(described)) {
    const found = await hashStream(createReadStream(files[role]!))
    if (found.sha256 !== sha256) throw new DugaError('blob.corrupt', { sha256 })
  }
  return unless(
    'version.exists',
    registry.addVersion(service, { manifest: draft, files, card, version }),
  )
}

async function activateFirst(
  registry: Registry,
  stores: Stores,
  service: string,
  version: string,
): Promise<boolean> {
  if ((await stores.activeVersions.get(service)) !== null) return false
  if ((await stores.versions.get(service, version)) === null) return false
  return unless('version.changed', registry.promote(service, version))
}

/** False where another server that starts on the same database was quicker. */
async function unless(code: ErrorCode, work: Promise<unknown>): Promise<boolean> {
  try {
    await work
    return true
  } catch (error) {
    if (error instanceof DugaError && error.code === code) return false
    throw error
  }
}

async function findManifests(folder: string): Promise<BundledModel[]> {
  const found: BundledModel[] = []
  for (const name of (await readNames(folder)).sort()) {
    const path = join(folder, name)
    const text = await readText(join(path, 'manifest.json'))
    if (text !== null) found.push({ path, manifest: JSON.parse(text) as Manifest })
  }
  return found
}

async function readNames(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true })
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
