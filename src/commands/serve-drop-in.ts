// A user's own model files, as they lie where the old back end had them → a version that serves. Files that have not changed
// since they were imported are left alone, whatever was promoted or rolled back since.
import { DugaError } from '../errors.ts'
import type { Registry } from '../registry/registry.ts'
import type { SettingStore } from '../store/settings.ts'
import {
  type DropInRecord,
  hashFiles,
  keepDropInRecord,
  looksUnchanged,
  readDropInRecord,
} from './drop-in-record.ts'
import type { FoundFile } from './find-drop-in.ts'
import type { ImportAside } from './import-aside.ts'
import type { ImportedVersion } from './import-version.ts'

export interface DropInParts {
  readonly settings: SettingStore
  readonly registry: Pick<Registry, 'promote'>
  readonly imports: Pick<ImportAside, 'run'>
}

/** Whether there is something to do; takes no longer than to ask the file system and the database. */
export async function isDropInNew(
  settings: SettingStore,
  service: string,
  files: readonly FoundFile[],
): Promise<boolean> {
  const record = await readDropInRecord(settings, service)
  return record === null || record.state !== 'served' || !looksUnchanged(record, files)
}

/**
 * Imports and promotes what is new; what fails is kept for `duga doctor` and tried again at the next call.
 * @returns the new version, with its report where it was imported just now; null where the content is what was imported before
 * @throws DugaError as importVersion and Registry.promote
 */
export async function serveDropIn(
  parts: DropInParts,
  service: string,
  files: readonly FoundFile[],
): Promise<{ readonly version: string; readonly imported: ImportedVersion | null } | null> {
  const { settings, registry } = parts
  const before = await readDropInRecord(settings, service)
  let record: DropInRecord = { files, sha256: null, state: 'failed', version: null, error: null }
  try {
    const sha256 = await hashFiles(files)
    const same = before?.sha256 === sha256 && before.version !== null
    if (same && before.state === 'served') {
      await keepDropInRecord(settings, service, { ...before, files })
      return null
    }
    // A server that was killed between import and promotion left a version that only has to be promoted.
    const imported =
      same && before.state === 'added' ? null : await importFound(parts, service, files)
    const version = imported?.version ?? before!.version!
    record = { ...record, sha256, version, state: 'added' }
    await keepDropInRecord(settings, service, record)
    await registry.promote(service, version)
    await keepDropInRecord(settings, service, { ...record, state: 'served' })
    return { version, imported }
  } catch (error) {
    if (!isOurEnd(error)) {
      const told = { message: messageOf(error), help: helpOf(error, service) }
      await keepDropInRecord(settings, service, { ...record, error: told })
    }
    throw error
  }
}

async function importFound(
  { imports }: DropInParts,
  service: string,
  files: readonly FoundFile[],
): Promise<ImportedVersion> {
  const labels = files.find(({ role }) => role === 'labels')
  return imports.run({
    service,
    files: files.flatMap(({ path, role }) =>
      role === 'model' ? [{ path, name: path.split(/[\\/]/).at(-1)! }] : [],
    ),
    options: { settings: {}, ...(labels !== undefined && { labels: labels.path }) },
  })
}

/** The server goes down: no fault of the files. */
const isOurEnd = (error: unknown): boolean =>
  error instanceof DugaError && error.code === 'server.closing'

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)

function helpOf(error: unknown, service: string): string {
  const own = error instanceof DugaError ? `${error.help} ` : ''
  return `${own}With what it needs said: npx duga import ${service} <files> --set … --promote`
}
