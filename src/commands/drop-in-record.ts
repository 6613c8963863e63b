// What became of a user's own model files when they were last looked at: kept, so that a file which has not changed is not
// imported again, and so that what was promoted or rolled back since stays.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import type { Json } from '../json.ts'
import { hashStream } from '../store/durable-file.ts'
import type { SettingStore } from '../store/settings.ts'
import type { FoundFile } from './find-drop-in.ts'

export interface DropInRecord {
  readonly files: readonly FoundFile[]
  /** Over the content of all files; null where they could not be read. */
  readonly sha256: string | null
  /** `added`: a version of it was made, and may not have come to serve. */
  readonly state: 'added' | 'served' | 'failed'
  /** Null where it failed before there was one. */
  readonly version: string | null
  readonly error: { readonly message: string; readonly help: string } | null
}

const nameOf = (service: string): string => `drop-in.${service}`

export async function readDropInRecord(
  settings: SettingStore,
  service: string,
): Promise<DropInRecord | null> {
  return ((await settings.get(nameOf(service))) ?? null) as unknown as DropInRecord | null
}

export async function keepDropInRecord(
  settings: SettingStore,
  service: string,
  record: DropInRecord,
): Promise<void> {
  await settings.put(nameOf(service), record as unknown as Json)
}

/** Whether the files are the very ones of the record, as far as path, size and time tell. */
export function looksUnchanged(record: DropInRecord, files: readonly FoundFile[]): boolean {
  return JSON.stringify(record.files) === JSON.stringify(files)
}

/** SHA-256 over role and content of each file; where they lie does not matter. */
export async function hashFiles(files: readonly FoundFile[]): Promise<string> {
  const whole = createHash('sha256')
  for (const { path, role } of files) {
    const { sha256 } = await hashStream(createReadStream(path))
    whole.update(`${role} ${sha256}\n`)
  }
  return whole.digest('hex')
}
