// A version → a folder that serves elsewhere: graph, manifest, card, labels and every other file that it was made of.
// In the form in which default models ship, so that it can be taken in again.
import { chmod, copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Registry } from '../registry/registry.ts'
import type { VersionRow } from '../store/versions.ts'

/**
 * Writes over files of the same names; the folder is made where it is missing.
 *
 * @returns the path of each file by role (`model`, `golden`, …), and of `manifest`, `card` and, where the model has
 *   any, `labels`: `{"0":"…"}`, as class maps of Keras models are
 * @throws DugaError blob.missing
 */
export async function exportVersion(
  registry: Pick<Registry, 'filePaths'>,
  { manifest, card }: VersionRow,
  folder: string,
): Promise<Record<string, string>> {
  const paths = await registry.filePaths(manifest)
  await mkdir(folder, { recursive: true })
  const written: Record<string, string> = {}
  for (const [role, { name }] of Object.entries(manifest.files)) {
    written[role] = join(folder, name)
    await copyFile(paths[role]!, written[role])
    // Blobs are private to the home; what is handed out is as open as any new file.
    await chmod(written[role], 0o666 & ~process.umask())
  }
  const write = async (role: string, name: string, text: string): Promise<void> => {
    written[role] = join(folder, name)
    await writeFile(written[role], text)
  }
  const { labels } = manifest
  if (labels !== null) await write('labels', 'labels.json', toJson({ ...labels }))
  await write('card', 'card.md', card)
  // Last: a folder with a manifest is whole.
  await write('manifest', 'manifest.json', toJson(manifest))
  return written
}

const toJson = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`
