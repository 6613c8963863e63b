// The files of a user's own model, where settings or the names of the old back ends say that they are. Only looked for here:
// what becomes of them is serve-drop-ins.ts.
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { DugaError } from '../errors.ts'

/** One of the files that a service's model consists of; all of them are needed. */
export interface DropInFile {
  /** The setting that says where it is. */
  readonly setting: string
  /** What that says; null where it is unset. */
  readonly path: string | null
  /** What it is called in the folder of the service: a name, or `*.onnx` for the only file that ends so. */
  readonly names: readonly string[]
  /** `labels`: names of classes. */
  readonly role: 'model' | 'labels'
}

export interface FoundFile {
  readonly path: string
  readonly role: DropInFile['role']
  readonly bytes: number
  /** Milliseconds since the Unix epoch. */
  readonly modified: number
}

/**
 * @param folder `$DUGA_HOME/models/<service>`, for what no setting names; it need not be there
 * @returns every file, in the order of `wanted`; null where none is there and no setting is set, or none is wanted
 * @throws DugaError drop-in.missing, drop-in.several
 */
export async function findDropIn(
  service: string,
  wanted: readonly DropInFile[],
  folder: string,
): Promise<readonly FoundFile[] | null> {
  const names = await readNames(folder)
  const found: FoundFile[] = []
  const missing: string[] = []
  for (const file of wanted) {
    const path = file.path ?? findByName(service, file, folder, names)
    const there = path === null ? null : await describe(path, file.role)
    if (there !== null) found.push(there)
    else if (file.path === null) missing.push(`${file.names.join(' or ')} is not in ${folder}`)
    else missing.push(`${file.setting} names ${file.path}, which is no file`)
  }
  if (found.length > 0 && missing.length === 0) return found
  if (found.length === 0 && wanted.every(({ path }) => path === null)) return null
  const settings = [...new Set(wanted.map(({ setting }) => setting))].join(' and ')
  throw new DugaError('drop-in.missing', { service, missing: missing.join('; '), settings })
}

function findByName(
  service: string,
  { names, setting }: DropInFile,
  folder: string,
  there: readonly string[],
): string | null {
  const matching = there.filter((name) => names.some((wanted) => matches(name, wanted)))
  if (matching.length > 1) {
    throw new DugaError('drop-in.several', {
      ...{ service, folder, setting },
      names: matching.join(', '),
    })
  }
  return matching[0] === undefined ? null : join(folder, matching[0])
}

function matches(name: string, wanted: string): boolean {
  return wanted.startsWith('*')
    ? name.toLowerCase().endsWith(wanted.slice(1)) && !name.startsWith('.')
    : name === wanted
}

async function describe(path: string, role: DropInFile['role']): Promise<FoundFile | null> {
  try {
    const { size, mtimeMs } = await stat(path)
    // What is no file of bytes is refused by the reader, which says why.
    return { path, role, bytes: size, modified: mtimeMs }
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return null
    throw error
  }
}

async function readNames(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
