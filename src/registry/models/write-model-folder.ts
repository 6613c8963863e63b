// Writes a model as a folder: its graphs, card, golden file and the manifest that names them by
// hash. The form in which default models are committed and in which a registry takes a version in.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { loadSession } from '../../engine/runtime.ts'
import type { Manifest, ManifestFile } from '../../manifest.ts'
import type { BuiltModel, CatalogEntry } from './catalog-entry.ts'
import { sha256 } from './package-file.ts'
import { createGolden, GOLDEN_TOLERANCE } from './seeded-golden.ts'

export interface WrittenModel {
  readonly folder: string
  readonly manifest: Manifest
  /** Names of the files whose bytes differ from what was there. */
  readonly changed: readonly string[]
}

/**
 * The golden file is made anew only where a graph changed, so that writing the same model twice, on
 * any machine, gives the same bytes.
 */
export async function writeModelFolder(
  folder: string,
  entry: CatalogEntry,
  built: BuiltModel,
  options: { readonly card: string; readonly origin: Manifest['origin'] },
): Promise<WrittenModel> {
  await mkdir(folder, { recursive: true })
  const changed: string[] = []
  const write = async (name: string, bytes: Uint8Array): Promise<ManifestFile> => {
    if (await replaceFile(join(folder, name), bytes)) changed.push(name)
    return { name, sha256: sha256(bytes), bytes: bytes.length }
  }
  const files: Record<string, ManifestFile> = {}
  for (const [role, bytes] of Object.entries(built.graphs)) {
    files[role] = await write(`${role}.onnx`, bytes)
  }
  for (const [role, { name, content }] of Object.entries(built.data ?? {})) {
    files[role] = await write(name, content)
  }
  await write('card.md', new TextEncoder().encode(options.card))
  const session = await loadSession(built.graphs.model!)
  try {
    const earlier = await readIfThere(join(folder, 'golden.safetensors'))
    const current = await recordedHash(folder)
    const kept = earlier !== null && current === files.model!.sha256
    files.golden = await write(
      'golden.safetensors',
      built.golden ?? (kept ? earlier : await createGolden(session, earlier)),
    )
    const ports = { inputs: session.inputs, outputs: session.outputs }
    const manifest = toManifest(entry, built, { files, ports, origin: options.origin })
    await write('manifest.json', new TextEncoder().encode(`${JSON.stringify(manifest, null, 2)}\n`))
    return { folder, manifest, changed }
  } finally {
    await session.release()
  }
}

function toManifest(
  entry: CatalogEntry,
  built: BuiltModel,
  rest: {
    readonly files: Manifest['files']
    readonly ports: Pick<Manifest, 'inputs' | 'outputs'>
    readonly origin: Manifest['origin']
  },
): Manifest {
  return {
    format: 1,
    service: entry.service,
    version: 'v1.0.0',
    created: entry.created,
    parent: null,
    files: rest.files,
    inputs: rest.ports.inputs,
    outputs: rest.ports.outputs,
    maxBatch: rest.ports.inputs[0]?.shape[0] ?? built.maxBatch,
    labels: built.labels,
    decode: built.decode,
    answer: built.answer,
    golden: { file: 'golden', tolerance: GOLDEN_TOLERANCE },
    metrics: built.metrics,
    origin: {
      ...{ name: entry.name, title: entry.title, licence: entry.licence.spdx },
      ...rest.origin,
      ...built.origin,
    },
  }
}

/** Of the model that the golden file was made with: the manifest is written last. */
async function recordedHash(folder: string): Promise<string | undefined> {
  const bytes = await readIfThere(join(folder, 'manifest.json'))
  if (bytes === null) return undefined
  return (JSON.parse(Buffer.from(bytes).toString()) as Manifest).files.model?.sha256
}

/** @returns whether the file's bytes changed */
async function replaceFile(path: string, bytes: Uint8Array): Promise<boolean> {
  const before = await readIfThere(path)
  if (before !== null && Buffer.compare(before, bytes) === 0) return false
  await writeFile(path, bytes)
  return true
}

async function readIfThere(path: string): Promise<Uint8Array | null> {
  try {
    return await readFile(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
