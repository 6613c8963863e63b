// Turns a path that came over the network into a real path inside one folder, or refuses it.
// The check is on the real path: symbolic links and dots cannot lead out.
import { realpath } from 'node:fs/promises'
import { isAbsolute, normalize, relative, resolve, sep } from 'node:path'
import { DugaError } from '../errors.ts'

export interface ConfineOptions {
  /** A first segment that stands for the root itself: with `data`, `data/x.csv` and `x.csv` are the same file. */
  readonly stripPrefix?: string
}

/**
 * The real path that `name` means inside `root`. An absolute name is taken where it lies inside the root.
 * What happens after the answer is not covered: the folder must not be writable by those who are confined to it.
 * @throws DugaError path.outside (also for a NUL byte, and before the disk is asked for the name), path.missing
 */
export async function confinePath(
  root: string,
  name: string,
  { stripPrefix }: ConfineOptions = {},
): Promise<string> {
  if (name.includes('\0')) throw new DugaError('path.outside')
  if (name === '') throw new DugaError('path.missing')
  const base = await realOrMissing(root)
  const wanted = resolve(base, withoutPrefix(normalize(name), stripPrefix))
  // An absolute name may also spell the root as the setting does, through a link.
  if (!isInside(base, wanted) && !isInside(resolve(root), wanted)) {
    throw new DugaError('path.outside')
  }
  const real = await realOrMissing(wanted)
  if (!isInside(base, real)) throw new DugaError('path.outside')
  return real
}

function withoutPrefix(name: string, prefix: string | undefined): string {
  if (prefix === undefined) return name
  if (name === prefix) return '.'
  // What follows stays relative even where it begins with another separator.
  return name.startsWith(prefix + sep) ? `.${name.slice(prefix.length)}` : name
}

function isInside(root: string, path: string): boolean {
  const way = relative(root, path)
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
}

async function realOrMissing(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch (cause) {
    throw new DugaError('path.missing', {}, { cause })
  }
}
