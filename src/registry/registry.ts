// Versions of models: added whole or not at all, never changed, one active a service. Files lie in the blob store,
// rows in the database; every step leaves a state that opens after kill -9.
import type { Clock } from '../clock.ts'
import { DugaError } from '../errors.ts'
import type { Manifest } from '../manifest.ts'
import type { ActiveVersion } from '../store/active-versions.ts'
import type { BlobStore } from '../store/blobs.ts'
import type { Stores } from '../store/stores.ts'
import type { VersionRow } from '../store/versions.ts'
import { type AddVersion, addVersion, ensureBlobs } from './add-version.ts'
import { collectBlobs, removeBlobs } from './collect-blobs.ts'
import { createPromote, type PromoteOptions, previousVersion } from './promote.ts'
import { createActiveWatch, type WatchActive } from './watch-active.ts'

export interface Registry {
  /** @throws DugaError `version.exists`, `version.invalid`, `input.invalid` */
  addVersion(service: string, version: AddVersion): Promise<VersionRow>
  /** Newest number first. */
  listVersions(service: string): Promise<VersionRow[]>
  /** @throws DugaError `version.unknown` */
  getVersion(service: string, version: string): Promise<VersionRow>
  activeVersion(service: string): Promise<VersionRow | null>
  /** Local paths of a version's files by role. @throws DugaError `blob.missing` */
  filePaths(manifest: Manifest): Promise<Readonly<Record<string, string>>>
  /** Gives this home the files, by role, of a version that another server on the same database added. */
  ensureFiles(manifest: Manifest, files: AddVersion['files']): Promise<void>
  /** The bytes of one file of a version, compared with its hash. @throws DugaError `blob.*` */
  readFile(manifest: Manifest, role: string): Promise<Uint8Array>
  /**
   * Checks that a version loads and replays its golden, then makes it active; resolves when those who watch it serve it.
   * @throws DugaError `version.unknown`, `version.rejected`, `version.changed`, or what the check throws
   */
  promote(service: string, version: string, options?: PromoteOptions): Promise<ActiveVersion>
  /** Promotes what was active before. @throws DugaError `version.no-previous`, and as promote */
  rollBack(service: string): Promise<ActiveVersion>
  /** @throws DugaError `version.active`, `version.unknown` */
  deleteVersion(service: string, version: string): Promise<void>
  /** Removes blobs that no version names. @returns how many */
  collect(): Promise<number>
  /** Takes the next number for a version to come; `addVersion` fills it with `reserved: true`. */
  reserve(service: string): Promise<string>
  release(service: string, version: string): Promise<void>
  readonly watch: WatchActive['watch']
  /** Looks for promotions by other processes and tells those who watch; see `watchRevisions`. */
  readonly refresh: WatchActive['refresh']
}

/** Names of the steps, in order; a test kills the process at each. */
export type RegistryStep = 'blob' | 'row' | 'checked' | 'active' | 'removed' | 'collected'

export interface RegistryOptions {
  readonly stores: Stores
  readonly blobs: BlobStore
  readonly clock: Clock
  /** Loads a version, warms it up and replays its golden; throws where it may not serve. */
  readonly verify: (version: VersionRow) => Promise<void>
  readonly onStep?: (step: RegistryStep) => void
}

/** Opens the registry, after finishing what a killed process left among the blobs. */
export async function openRegistry(options: RegistryOptions): Promise<Registry> {
  const { stores, blobs, onStep = () => {} } = options
  const { versions, activeVersions } = stores
  await blobs.recover()
  const { watch, refresh } = await createActiveWatch(activeVersions)
  const promote = createPromote(options, refresh)
  const getVersion: Registry['getVersion'] = async (service, version) => {
    const row = await versions.get(service, version)
    if (row === null) throw new DugaError('version.unknown', { service, version })
    return row
  }
  return {
    getVersion,
    promote,
    watch,
    refresh,
    addVersion: (service, version) => addVersion(options, service, version),
    listVersions: (service) => versions.list(service),
    activeVersion: async (service) => {
      const active = await activeVersions.get(service)
      return active === null ? null : getVersion(service, active.version)
    },
    filePaths: async (manifest) => {
      const entries = Object.entries(manifest.files).map(
        async ([role, file]) => [role, await blobs.localPath(file.sha256)] as const,
      )
      return Object.fromEntries(await Promise.all(entries))
    },
    ensureFiles: (manifest, files) => ensureBlobs(options, manifest.files, files),
    readFile: async ({ service, version, files }, role) => {
      const file = files[role]
      if (file === undefined) {
        throw new TypeError(`Version ${version} of ${service} has no file "${role}".`)
      }
      return blobs.read(file.sha256)
    },
    rollBack: async (service) => {
      const version = await previousVersion(stores, service)
      return promote(service, version, { kind: 'rollback', force: true })
    },
    deleteVersion: async (service, version) => {
      const { manifest } = await getVersion(service, version)
      await versions.remove(service, version)
      onStep('removed')
      const hashes = Object.values(manifest.files).map((file) => file.sha256)
      await removeBlobs(options, hashes)
      onStep('collected')
    },
    collect: () => collectBlobs(options),
    reserve: (service) => versions.reserve(service),
    release: (service, version) => versions.release(service, version),
  }
}
