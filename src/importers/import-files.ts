// Files → the models in them: each file goes to the importer that recognises it, and all files of one importer are one
// model. A JSON file that is no model holds class names.
import { open, readFile, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { loadSession } from '../engine/runtime.ts'
import { DugaError } from '../errors.ts'
import type { TensorSpec } from '../manifest.ts'
import {
  HEAD_BYTES,
  type Imported,
  type Importer,
  type ImportOptions,
  type ModelFile,
  type ReadOptions,
  type SourceFile,
} from './importer.ts'
import { readLabels, unreadable } from './labels.ts'
import { IMPORTERS } from './table.ts'

export interface ImportedModel extends Imported {
  /** Of the table, such as `keras`. */
  readonly format: string
  /** As onnxruntime sees them. */
  readonly inputs: readonly TensorSpec[]
  readonly outputs: readonly TensorSpec[]
  /** Names of the files that it was read from. */
  readonly sources: readonly string[]
}

export interface ImportedFiles {
  /** In the order of the first file of each. */
  readonly models: readonly ImportedModel[]
  /** Of a labels file, if one was given; null where there was none. */
  readonly labels: readonly string[] | null
}

/** How the files of TensorFlow.js' weights end, which nothing else tells from others. */
const SHARD = '.bin'

/**
 * @param given files; a folder stands for the `model.json` in it
 * @throws DugaError file.unreadable, model.unknown-format, model.unreadable, model.unsupported-layer
 */
export async function importFiles(
  given: readonly (string | ModelFile)[],
  options: ImportOptions = {},
): Promise<ImportedFiles> {
  const groups = new Map<Importer, SourceFile[]>()
  const others = new Map<string, string>()
  let labels: readonly string[] | null = null
  for (const one of given) {
    const file = await describeFile(one)
    const importer = IMPORTERS.find(({ recognises }) => recognises(file))
    if (importer !== undefined) groups.set(importer, [...(groups.get(importer) ?? []), file])
    else if (file.name.endsWith('.json')) labels = await readLabels(file.path)
    else if (file.name.endsWith(SHARD)) others.set(file.name, file.path)
    else throw unknownFormat(file)
  }
  if (others.size > 0 && ![...groups.keys()].some(({ format }) => format === 'tfjs')) {
    throw unknownFormat({ name: [...others.keys()].join(', ') })
  }
  const models: ImportedModel[] = []
  for (const [importer, files] of groups) {
    models.push(await importOne(importer, files, { ...options, others }))
  }
  return { models, labels }
}

async function importOne(
  { format, load }: Importer,
  files: readonly SourceFile[],
  options: ReadOptions,
): Promise<ImportedModel> {
  const read = await load()
  const names = files.map(({ name }) => name).join(', ')
  const imported = await naming(names, async () => read(files, options))
  // What onnxruntime does not open is not handed out.
  const session = await naming(names, () => loadSession(imported.graph))
  try {
    const { inputs, outputs } = session
    return { ...imported, format, inputs, outputs, sources: files.map(({ name }) => name) }
  } finally {
    await session.release()
  }
}

/** Says which files could not be read, where several are given. */
async function naming<Result>(names: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (cause) {
    if (!(cause instanceof DugaError) || cause.code !== 'model.unreadable') throw cause
    const reason = `${cause.parameters.reason} (${names})`
    throw new DugaError('model.unreadable', { reason }, { cause })
  }
}

async function describeFile(one: string | ModelFile): Promise<SourceFile> {
  const given = typeof one === 'string' ? one : one.path
  let shown = typeof one === 'string' ? one : one.name
  try {
    const folder = (await stat(given)).isDirectory()
    const path = folder ? join(given, 'model.json') : given
    const name = typeof one === 'string' ? basename(path) : one.name
    if (folder) shown = path
    const file = await open(path)
    try {
      const { size } = await file.stat()
      if (size === 0) throw new DugaError('file.unreadable', { path: shown, reason: 'it is empty' })
      const head = new Uint8Array(Math.min(size, HEAD_BYTES))
      const { bytesRead } = await file.read(head, 0, head.length, 0)
      return { path, name, bytes: size, head: head.subarray(0, bytesRead) }
    } finally {
      await file.close()
    }
  } catch (cause) {
    if (cause instanceof DugaError) throw cause
    throw unreadable(shown, cause)
  }
}

function unknownFormat({ name }: Pick<SourceFile, 'name'>): DugaError {
  const known = IMPORTERS.map(({ title }) => title).join(', ')
  return new DugaError('model.unknown-format', { name, known })
}

/** All of a file, as long as it is not larger than what can be held. @throws DugaError file.unreadable */
export async function readWhole({ path }: Pick<SourceFile, 'path'>): Promise<Uint8Array> {
  try {
    return await readFile(path)
  } catch (cause) {
    throw unreadable(path, cause)
  }
}
