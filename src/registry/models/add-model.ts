// Fetches a downloadable model and makes the folder of a version of it: graphs, manifest, card,
// golden. Taking the folder into the registry is the caller's.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DownloadableModel } from './catalog-entry.ts'
import { type DownloadOptions, downloadModel } from './download-model.ts'
import { type WrittenModel, writeModelFolder } from './write-model-folder.ts'

export interface AddOptions extends Omit<DownloadOptions, 'to'> {
  /** Folder for downloads. */
  readonly cache: string
  /** Folder to write. */
  readonly to: string
  /** Folder of the bundled models, for the graphs that this one shares. */
  readonly bundled: string
}

/** @throws DugaError `download.failed`, `download.mismatch` or `model.unreadable` */
export async function addModel(
  entry: DownloadableModel,
  { cache, to, bundled, ...options }: AddOptions,
): Promise<WrittenModel> {
  const path = await downloadModel(entry, { ...options, to: join(cache, entry.sha256) })
  const built = entry.build(await readFile(path))
  const graphs: Record<string, Uint8Array> = { ...built.graphs }
  for (const role of entry.shares) {
    graphs[role] = await readFile(join(bundled, entry.service, `${role}.onnx`))
  }
  const origin = { addresses: entry.addresses, sha256: entry.sha256 }
  return writeModelFolder(to, entry, { ...built, graphs }, { card: toCard(entry), origin })
}

function toCard(entry: DownloadableModel): string {
  return `# ${entry.title}

Downloaded, not made or checked by Duga beyond its hash.

- From: ${entry.addresses.join(', ')}
- SHA-256: \`${entry.sha256}\` (${entry.verified})
- Licence: ${entry.licence.spdx}. ${entry.licence.notice}

Its quality on your pictures is not known: measure it with \`npx duga evaluate ${entry.service} --data <folder>\`.
`
}
