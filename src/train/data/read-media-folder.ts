// A folder of pictures or recordings, one sub-folder a class → rows by reference. Contents are hashed, not decoded:
// a file that turns out to be damaged is left out by the loader.
import { createHash } from 'node:crypto'
import { open, readdir, realpath } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { sniffAudio } from '../../engine/decoders/sniff-audio.ts'
import { sniffImage } from '../../engine/decoders/sniff-image.ts'
import { DugaError } from '../../errors.ts'
import { checkClasses } from './check-classes.ts'
import { mergeLabels } from './merge-labels.ts'
import type { Dataset, FileRow, Skipped } from './row.ts'
import { describe, type FoundFile, walkFiles } from './walk-files.ts'

export interface MediaFolderOptions {
  readonly kind: 'picture' | 'audio'
  /** Real path that links may not lead out of. Default: the folder. null: anywhere (for paths from the command line). */
  readonly within?: string | null
  /** Source or person of a file, from its path within the folder. Default: none. */
  readonly groupOf?: (id: string) => string | null
  /** Labels of the version that the rows are added to; their spelling is kept. */
  readonly known?: readonly string[]
  /** Rows that each class needs; 0 turns the checks of classes off. */
  readonly needed?: number
  readonly signal?: AbortSignal
  /** Files hashed so far. */
  readonly onProgress?: (files: number) => void
}

/** Files that are read at the same time. */
const AT_ONCE = 4
/** Larger files are no training examples. */
const MAX_BYTES = 1 << 30
const CHUNK_BYTES = 1 << 20

/**
 * The label is the name of the folder under `folder`; whatever lies deeper belongs to it. Of a WordNet name such as
 * `n02085620-Chihuahua` it is all that follows the first hyphen.
 * @throws DugaError training.unreadable (no such folder), training.no-files, training.one-class, training.too-few-rows
 */
export async function readMediaFolder(
  folder: string,
  options: MediaFolderOptions,
): Promise<Dataset> {
  const skipped: Skipped[] = []
  const notices: string[] = []
  const root = await findRoot(folder, notices)
  const found: FoundFile[] = []
  const files = walkFiles(root, {
    within: options.within === undefined ? await realpath(folder) : options.within,
    onSkip: (file, reason) => skipped.push({ file, reason }),
    signal: options.signal,
  })
  for await (const file of files) {
    if (file.id.includes('/')) found.push(file)
    else skipped.push({ file: file.id, reason: 'it lies in no class folder' })
  }
  const rows = await hashFiles(found, options, skipped)
  const labelled = applyLabels(rows, options.known ?? [], notices)
  const what = options.kind === 'picture' ? 'pictures' : 'recordings'
  if (labelled.length === 0)
    throw new DugaError('training.no-files', { folder: basename(root), what })
  const labels = labelled.map(({ label }) => label)
  if (options.needed !== 0) checkClasses(labels, basename(root), options.needed)
  skipped.sort((a, b) => (a.file < b.file ? -1 : 1))
  return { rows: labelled, classes: [...new Set(labels)].sort(), skipped, notices }
}

/** Archives often hold one folder with all classes in it: that is the one that was meant. */
async function findRoot(folder: string, notices: string[]): Promise<string> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    const parameters = { file: basename(folder), reason: describe(cause) }
    throw new DugaError('training.unreadable', parameters, { cause })
  })
  const visible = entries.filter(({ name }) => !name.startsWith('.') && name !== '__MACOSX')
  const [only] = visible
  if (visible.length !== 1 || !only!.isDirectory()) return resolve(folder)
  const inner = join(folder, only!.name)
  const inside = await readdir(inner, { withFileTypes: true })
  const folders = inside.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
  if (
    folders.length < 2 ||
    inside.some((entry) => entry.isFile() && !/^\.|\.(txt|md)$/i.test(entry.name))
  )
    return resolve(folder)
  notices.push(`The classes were found in the folder "${only!.name}".`)
  return resolve(inner)
}

async function hashFiles(
  found: readonly FoundFile[],
  { kind, signal, onProgress, groupOf = () => null }: MediaFolderOptions,
  skipped: Skipped[],
): Promise<FileRow[]> {
  const rows: (FileRow | null)[] = Array(found.length).fill(null)
  let next = 0
  let done = 0
  const work = async () => {
    while (next < found.length) {
      signal?.throwIfAborted()
      const index = next
      next += 1
      const { id, path, bytes } = found[index]!
      const read = await inspect(path, bytes, kind)
      if ('reason' in read) skipped.push({ file: id, reason: read.reason })
      else
        rows[index] = { id, path, bytes, label: id.split('/', 1)[0]!, group: groupOf(id), ...read }
      done += 1
      onProgress?.(done)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return rows.filter((row) => row !== null)
}

async function inspect(
  path: string,
  bytes: number,
  kind: 'picture' | 'audio',
): Promise<{ readonly contentHash: string } | { readonly reason: string }> {
  if (bytes === 0) return { reason: 'the file is empty' }
  if (bytes > MAX_BYTES) return { reason: 'the file is larger than 1 GB' }
  try {
    await using file = await open(path)
    const hash = createHash('sha256')
    const chunk = Buffer.allocUnsafe(Math.min(bytes, CHUNK_BYTES))
    let total = 0
    for (;;) {
      const { bytesRead } = await file.read(chunk, 0, chunk.length, total)
      const read = chunk.subarray(0, bytesRead)
      if (total === 0 && !isOfKind(read, kind)) {
        return { reason: kind === 'picture' ? 'it is not a picture' : 'it is not a recording' }
      }
      total += bytesRead
      if (bytesRead === 0 || total > bytes) break
      hash.update(read)
    }
    if (total !== bytes) return { reason: 'it changed while it was read' }
    return { contentHash: hash.digest('hex') }
  } catch (error) {
    return { reason: describe(error) }
  }
}

function isOfKind(head: Uint8Array, kind: 'picture' | 'audio'): boolean {
  return (kind === 'picture' ? sniffImage(head) : sniffAudio(head)) !== null
}

function applyLabels(rows: readonly FileRow[], known: readonly string[], notices: string[]) {
  const counts = new Map<string, number>()
  for (const { label } of rows) {
    const name = toClassName(label)
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  const merged = mergeLabels(counts, known)
  notices.push(...merged.notices)
  return rows.flatMap((row) => {
    const label = merged.labelOf.get(toClassName(row.label))
    return label === undefined ? [] : [{ ...row, label }]
  })
}

/** `n02085620-Chihuahua` → `Chihuahua`; any other name stays, hyphens included. */
function toClassName(folder: string): string {
  return folder.replace(/^n\d{8}-/, '')
}
