// Adds a version: its files become blobs, then its row names them. Before the row nothing refers to the blobs.
import { basename } from 'node:path'
import { DugaError } from '../errors.ts'
import type { Manifest, ManifestFile } from '../manifest.ts'
import type { VersionRow } from '../store/versions.ts'
import type { RegistryOptions } from './registry.ts'

/** What the maker of a version says of it; the rest is filled in. */
export type ManifestDraft = Omit<Manifest, 'format' | 'service' | 'version' | 'created' | 'files'>

/** A file on disk, or bytes with the name that they have in an export. */
export type VersionFile = string | { readonly name: string; readonly bytes: Uint8Array }

export interface AddVersion {
  readonly manifest: ManifestDraft
  /** By role; `model` is the graph. */
  readonly files: Readonly<Record<string, VersionFile>>
  /** Markdown for people. */
  readonly card: string
  /** The number; the next patch where it is left out. */
  readonly version?: string
  /** The number was reserved before: see `Registry.reserve`. */
  readonly reserved?: boolean
}

type Options = Pick<RegistryOptions, 'stores' | 'blobs' | 'clock' | 'onStep'>

/** @throws DugaError `version.exists`, `version.invalid`, `input.invalid` */
export async function addVersion(
  options: Options,
  service: string,
  given: AddVersion,
): Promise<VersionRow> {
  const { versions } = options.stores
  checkGolden(given)
  if (given.version !== undefined) {
    return addNumbered(options, service, given.version, given.reserved === true, given)
  }
  const version = await versions.reserve(service)
  try {
    return await addNumbered(options, service, version, true, given)
  } catch (error) {
    await versions.release(service, version)
    throw error
  }
}

async function addNumbered(
  options: Options,
  service: string,
  version: string,
  reserved: boolean,
  given: AddVersion,
): Promise<VersionRow> {
  const { stores, clock, onStep = () => {} } = options
  const files = await putFiles(options, given.files)
  const created = clock.now()
  const manifest: Manifest = {
    ...given.manifest,
    format: 1,
    service,
    version,
    created: new Date(created).toISOString(),
    files,
  }
  const row = { service, version, manifest, card: given.card, created }
  await stores.versions.add(row, { reserved })
  onStep('row')
  await ensureBlobs(options, files, given.files)
  return row
}

async function putFiles(
  { blobs, onStep = () => {} }: Options,
  files: AddVersion['files'],
): Promise<Record<string, ManifestFile>> {
  const entries: Record<string, ManifestFile> = {}
  for (const [role, file] of Object.entries(files)) {
    const name = typeof file === 'string' ? basename(file) : file.name
    entries[role] = { name, ...(await blobs.put(typeof file === 'string' ? file : file.bytes)) }
    onStep('blob')
  }
  return entries
}

/**
 * Puts what is missing of a version's files into the blob store: another process collected it between the blob and the row
 * (from now on the row protects it), or another server, with a home of its own, added the version.
 */
export async function ensureBlobs(
  { blobs }: Pick<Options, 'blobs'>,
  entries: Readonly<Record<string, ManifestFile>>,
  files: AddVersion['files'],
): Promise<void> {
  for (const [role, file] of Object.entries(files)) {
    const entry = entries[role]
    if (entry === undefined || (await blobs.has(entry.sha256))) continue
    await blobs.put(typeof file === 'string' ? file : file.bytes)
  }
}

function checkGolden({ manifest, files }: AddVersion): void {
  const role = manifest.golden?.file
  if (role === undefined || files[role] !== undefined) return
  throw new DugaError('input.invalid', { reason: `the golden file "${role}" was not given` })
}
