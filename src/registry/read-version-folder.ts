// The folder of an exported or downloaded model → what `Registry.addVersion` takes. Its number is not kept.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Manifest } from '../manifest.ts'
import type { AddVersion } from './add-version.ts'

/** @param folder holds `manifest.json`, `card.md` and the files that the manifest names */
export async function readVersionFolder(folder: string): Promise<AddVersion> {
  const text = await readFile(join(folder, 'manifest.json'), 'utf8')
  const {
    files,
    format: _format,
    service: _service,
    version: _version,
    created: _created,
    ...manifest
  } = JSON.parse(text) as Manifest
  return {
    manifest,
    files: Object.fromEntries(
      Object.entries(files).map(([role, { name }]) => [role, join(folder, name)]),
    ),
    card: await readFile(join(folder, 'card.md'), 'utf8'),
  }
}
