// A folder that `duga export` wrote → a version of a service, its files as they are.
import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { DugaError } from '../errors.ts'
import type { Manifest } from '../manifest.ts'
import { readModel } from '../onnx/model.ts'
import { readVersionFolder } from '../registry/read-version-folder.ts'
import type { Registry } from '../registry/registry.ts'
import { hashStream } from '../store/durable-file.ts'
import type { VersionRow } from '../store/versions.ts'

/** The manifest of such a folder; null where it is none. */
export async function readExported(folder: string): Promise<Manifest | null> {
  try {
    const text = await readFile(join(folder, 'manifest.json'), 'utf8')
    const manifest = JSON.parse(text) as Partial<Manifest> | null
    return manifest?.format === 1 && manifest.service !== undefined ? (manifest as Manifest) : null
  } catch {
    // No folder, no manifest, no JSON: then it is something else, and its own importer says what is wrong with it.
    return null
  }
}

/**
 * @param manifest of {@link readExported}
 * @returns the version that was added, and the parameters of its model
 * @throws DugaError model.unfit where it is of another service, file.unreadable, blob.corrupt where a file is not the one that was exported
 */
export async function importExported(
  registry: Pick<Registry, 'addVersion' | 'activeVersion'>,
  service: string,
  folder: string,
  manifest: Manifest,
): Promise<{ readonly row: VersionRow; readonly parameters: number }> {
  if (manifest.service !== service) {
    const reason = `it is a version of the service ${manifest.service}`
    throw new DugaError('model.unfit', { service, reason })
  }
  for (const { name, sha256 } of Object.values(manifest.files)) {
    if (basename(name) !== name) throw new DugaError('blob.corrupt', { sha256 })
    const path = join(folder, name)
    const found = await hashStream(createReadStream(path)).catch((cause: Error) => {
      throw new DugaError('file.unreadable', { path, reason: cause.message }, { cause })
    })
    if (found.sha256 !== sha256) throw new DugaError('blob.corrupt', { sha256 })
  }
  const given = await readVersionFolder(folder)
  // What its home decided of it, and by which job, does not count here.
  const { gate: _gate, job: _job, ...origin } = given.manifest.origin
  const row = await registry.addVersion(service, {
    ...given,
    manifest: {
      ...given.manifest,
      parent: (await registry.activeVersion(service))?.version ?? null,
      origin: { ...origin, exported: manifest.version },
    },
  })
  const model = readModel(await readFile(join(folder, manifest.files.model!.name)))
  const parameters = model.graph!.initializer.reduce(
    (sum, { dims = [] }) => sum + dims.reduce((size, dim) => size * Number(dim), 1),
    0,
  )
  return { row, parameters }
}
