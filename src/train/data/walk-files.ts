// Every file below a folder, in an order that does not depend on the file system. Links are followed while they stay
// inside; a link to a folder above itself is not followed round.
import { readdir, realpath, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'

export interface FoundFile {
  /** Within the folder, with `/` between names. */
  readonly id: string
  /** Absolute. */
  readonly path: string
  readonly bytes: number
}

export interface WalkOptions {
  /** Real path that links may not lead out of; null: links may lead anywhere. */
  readonly within: string | null
  readonly onSkip: (id: string, reason: string) => void
  readonly signal?: AbortSignal | undefined
}

/** Deeper folders are not looked into. */
const DEEPEST = 32

/** Names that start with a dot and what systems leave behind are passed over in silence. */
const HIDDEN = /^(\.|~\$|__MACOSX$|Thumbs\.db$|desktop\.ini$)/i

/** Depth first, names in the order of their code units. */
export async function* walkFiles(
  folder: string,
  options: WalkOptions,
): AsyncGenerator<FoundFile, void> {
  yield* walk(folder, '', [await realpath(folder)], options)
}

/** @param above real paths of the folders that lead here, this one last */
async function* walk(
  folder: string,
  prefix: string,
  above: readonly string[],
  options: WalkOptions,
): AsyncGenerator<FoundFile, void> {
  for (const name of await listFolder(folder, prefix, options)) {
    options.signal?.throwIfAborted()
    const id = prefix + name
    const path = join(folder, name)
    const found = await look(path, options.within)
    if (typeof found === 'string') options.onSkip(id, found)
    else if (found.bytes !== null) yield { id, path, bytes: found.bytes }
    else if (above.includes(found.real)) options.onSkip(id, 'the link leads back to a folder above')
    else if (above.length >= DEEPEST) options.onSkip(id, `it is more than ${DEEPEST} folders deep`)
    else yield* walk(path, `${id}/`, [...above, found.real], options)
  }
}

async function listFolder(
  folder: string,
  prefix: string,
  { onSkip }: WalkOptions,
): Promise<string[]> {
  try {
    const names = (await readdir(folder)).filter((name) => !HIDDEN.test(name))
    return names.sort((a, b) => (a < b ? -1 : 1))
  } catch (error) {
    // The folder that was asked for is the caller's to report.
    if (prefix === '') throw error
    onSkip(prefix.slice(0, -1), describe(error))
    return []
  }
}

/** @returns a folder (`bytes` null), a file, or why it is neither */
async function look(
  path: string,
  within: string | null,
): Promise<string | { readonly real: string; readonly bytes: number | null }> {
  try {
    const [real, entry] = [await realpath(path), await stat(path)]
    if (within !== null && !isInside(within, real)) return 'the link leads out of the folder'
    if (entry.isDirectory()) return { real, bytes: null }
    return entry.isFile() ? { real, bytes: entry.size } : 'it is not an ordinary file'
  } catch (error) {
    return describe(error)
  }
}

function isInside(root: string, path: string): boolean {
  const way = relative(root, path)
  return way !== '..' && !way.startsWith(`..${sep}`)
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'it is not there',
  EACCES: 'it may not be read',
  EPERM: 'it may not be read',
  ELOOP: 'its links lead in a circle',
}

/** Why the system refused, in words. */
export function describe(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException
  return REASONS[code] ?? message
}
