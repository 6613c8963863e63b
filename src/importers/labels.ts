// A file of class names: an array, or an object of index → name or of name → index (as Keras' `class_indices`).
import { readFile, stat } from 'node:fs/promises'
import { DugaError } from '../errors.ts'
import { parseUntrusted } from '../json.ts'

const MOST_BYTES = 16 * 1024 * 1024

/** @returns the names by output index @throws DugaError labels.invalid, file.unreadable */
export async function readLabels(path: string): Promise<readonly string[]> {
  let text: string
  try {
    if ((await stat(path)).size > MOST_BYTES) throw new Error('it is larger than 16 MiB')
    text = await readFile(path, 'utf8')
  } catch (cause) {
    throw unreadable(path, cause)
  }
  return parseLabels(text)
}

/** @throws DugaError labels.invalid */
export function parseLabels(text: string): readonly string[] {
  let value: unknown
  try {
    value = parseUntrusted(text)
  } catch (cause) {
    throw new DugaError('labels.invalid', { reason: 'it is not JSON' }, { cause })
  }
  if (Array.isArray(value)) return checkNames(value)
  if (typeof value !== 'object' || value === null) {
    throw new DugaError('labels.invalid', { reason: 'it is neither an array nor an object' })
  }
  const entries = Object.entries(value)
  const byName = entries.every(([, index]) => typeof index === 'number')
  const pairs = entries.map(([key, item]): [number, unknown] =>
    byName ? [item as number, key] : [Number(key), item],
  )
  const names: unknown[] = new Array(pairs.length)
  for (const [index, name] of pairs) {
    if (!Number.isInteger(index) || index < 0 || index >= pairs.length || index in names) {
      const reason = `its indices are not 0 to ${pairs.length - 1}, each once`
      throw new DugaError('labels.invalid', { reason })
    }
    names[index] = name
  }
  return checkNames(names)
}

/** What the file system says of a file that could not be read, in words. */
export function unreadable(path: string, cause: unknown): DugaError {
  const { code, message } = cause as NodeJS.ErrnoException
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: 'it is not there',
    EACCES: 'it may not be read by this user',
    EISDIR: 'it is a folder',
  }
  const reason = reasons[code ?? ''] ?? message
  return new DugaError('file.unreadable', { path, reason }, { cause })
}

function checkNames(names: readonly unknown[]): readonly string[] {
  if (names.length > 0 && names.every((name) => typeof name === 'string' && name !== '')) {
    return names as readonly string[]
  }
  throw new DugaError('labels.invalid', { reason: 'every class needs a name' })
}
