// The bytes of a row's file, if they still are those that the set was made of.
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { DugaError } from '../../errors.ts'
import type { FileRow } from './row.ts'
import { describe } from './walk-files.ts'

/** @throws DugaError training.file-changed when the file is gone, unreadable or has other content than at the start */
export async function readFrozen(
  row: Pick<FileRow, 'id' | 'path' | 'contentHash'>,
): Promise<Buffer> {
  let bytes: Buffer
  try {
    bytes = await readFile(row.path)
  } catch (cause) {
    throw changed(row.id, describe(cause), cause)
  }
  const hash = createHash('sha256').update(bytes).digest('hex')
  if (hash !== row.contentHash) throw changed(row.id, 'its content has changed')
  return bytes
}

function changed(file: string, reason: string, cause?: unknown): DugaError {
  return new DugaError('training.file-changed', { file, reason }, { cause })
}
