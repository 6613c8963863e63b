// The face model as it is committed, as a training is given the version that serves.
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Manifest, VersionFiles } from '../../src/manifest.ts'

export async function bundledFace(): Promise<VersionFiles> {
  const folder = new URL('../../models/face/', import.meta.url)
  const manifest: Manifest = JSON.parse(await readFile(new URL('manifest.json', folder), 'utf8'))
  const paths = Object.entries(manifest.files).map(([role, { name }]) => [
    role,
    fileURLToPath(new URL(name, folder)),
  ])
  return { manifest, paths: Object.fromEntries(paths) }
}
