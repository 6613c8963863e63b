// The file format of cached features: a line of JSON with keys and checksum, then the rows. Written under another name,
// so that a file with its own name is whole.
import { randomBytes } from 'node:crypto'
import { open, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'

export type FeatureType = 'float16' | 'float32'

interface Head {
  readonly format: 1
  readonly type: FeatureType
  /** Values a row. */
  readonly length: number
  readonly keys: readonly string[]
  readonly crc32: number
}

/** Rows of one file, read and verified. */
export interface Segment {
  readonly keys: readonly string[]
  /** Row after row, as float32 whatever the file holds. */
  readonly values: Float32Array
}

/** What a file costs to look into before it is read: larger heads are no heads. */
const MOST_HEAD = 1 << 22
const NEWLINE = 0x0a

/**
 * Writes rows under a new name.
 * @param values row after row; with float16 they are rounded to it
 * @returns the name, and the bytes of the file
 */
export async function writeSegment(
  folder: string,
  type: FeatureType,
  keys: readonly string[],
  values: Float32Array,
): Promise<{ readonly name: string; readonly bytes: number }> {
  const stored = type === 'float16' ? new Float16Array(values) : values
  const body = new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength)
  const length = values.length / keys.length
  const head: Head = { format: 1, type, length, keys, crc32: crc32(body) }
  const line = Buffer.from(`${JSON.stringify(head)}\n`)
  const name = `${randomBytes(12).toString('hex')}.features`
  const temporary = join(folder, `${name}.tmp`)
  const file = await open(temporary, 'wx', 0o600)
  try {
    await file.writeFile(line)
    await file.writeFile(body)
    await file.close()
    await rename(temporary, join(folder, name))
  } catch (error) {
    await file.close().catch(() => {})
    await rm(temporary, { force: true })
    throw error
  }
  return { name, bytes: line.length + body.length }
}

/** The keys of a file without its rows; null where it is no file of this format, type and length, or is gone. */
export async function readKeys(
  path: string,
  type: FeatureType,
  length: number,
): Promise<readonly string[] | null> {
  const bytes = Buffer.alloc(MOST_HEAD)
  let have = 0
  try {
    await using file = await open(path)
    while (have < MOST_HEAD && !bytes.subarray(0, have).includes(NEWLINE)) {
      const { bytesRead } = await file.read(bytes, have, Math.min(1 << 14, MOST_HEAD - have))
      if (bytesRead === 0) return null
      have += bytesRead
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
  return parseHead(bytes.subarray(0, have), type, length)?.head.keys ?? null
}

/** null where the file is gone, or is not what it says: damaged, cut short, of another kind. */
export async function readSegment(
  path: string,
  type: FeatureType,
  length: number,
): Promise<Segment | null> {
  let bytes: Buffer
  try {
    bytes = await readFile(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
  const parsed = parseHead(bytes, type, length)
  if (parsed === null) return null
  const { head, end } = parsed
  // A copy: typed arrays need their own alignment.
  const body = Uint8Array.from(bytes.subarray(end))
  const size = type === 'float16' ? 2 : 4
  if (body.length !== head.keys.length * length * size || crc32(body) !== head.crc32) return null
  const values =
    type === 'float16'
      ? new Float32Array(new Float16Array(body.buffer))
      : new Float32Array(body.buffer)
  return { keys: head.keys, values }
}

function parseHead(
  bytes: Buffer,
  type: FeatureType,
  length: number,
): { readonly head: Head; readonly end: number } | null {
  const at = bytes.indexOf(NEWLINE)
  if (at < 0 || at > MOST_HEAD) return null
  try {
    const head = JSON.parse(bytes.toString('utf8', 0, at)) as Head
    const fits = head.format === 1 && head.type === type && head.length === length
    return fits && Array.isArray(head.keys) ? { head, end: at + 1 } : null
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}
