// Streams all files of a multipart body to temporary files, within one limit for all of them, and keeps its fields. What a
// client calls a file is handed on as its name, and never becomes part of a path.
import type { FastifyRequest } from 'fastify'
import { DugaError } from '../errors.ts'
import { orDrain, storePart } from './receive-file.ts'

export interface ReceivedFiles {
  readonly files: readonly {
    readonly field: string
    readonly path: string
    readonly name: string
  }[]
  /** By field, in the order in which they were sent. */
  readonly fields: ReadonlyMap<string, readonly string[]>
}

export interface ReceiveFilesOptions {
  /** Of all files together. */
  readonly maxBytes: number
  readonly maxFiles: number
}

const FIELD_BYTES = 1024 * 1024
const NAME_LENGTH = 120

/** @throws DugaError upload.malformed, input.too-large */
export async function receiveFiles(
  request: FastifyRequest,
  folder: string,
  options: ReceiveFilesOptions,
): Promise<ReceivedFiles> {
  if (!request.isMultipart()) {
    throw new DugaError('upload.malformed', { reason: 'it is not multipart/form-data' })
  }
  return await orDrain(request, () => readParts(request, folder, options))
}

async function readParts(
  request: FastifyRequest,
  folder: string,
  { maxBytes, maxFiles }: ReceiveFilesOptions,
): Promise<ReceivedFiles> {
  const files: { field: string; path: string; name: string }[] = []
  const fields = new Map<string, string[]>()
  let left = maxBytes
  const counts = { files: maxFiles, fields: 256, parts: maxFiles + 256 }
  const limits = { ...counts, fileSize: maxBytes, fieldSize: FIELD_BYTES }
  for await (const part of request.parts({ limits })) {
    if (part.type === 'field') {
      if (part.valueTruncated) throw new DugaError('input.too-large', { limit: FIELD_BYTES })
      const text = typeof part.value === 'string' ? part.value : JSON.stringify(part.value)
      fields.set(part.fieldname, [...(fields.get(part.fieldname) ?? []), text])
      continue
    }
    const { path, filename, bytes } = await storePart(request, part, folder, { maxBytes, left })
    left -= bytes
    files.push({ field: part.fieldname, path, name: toName(filename) })
  }
  return { files, fields }
}

/** The last part of what may be a path, without what could mean something elsewhere; `file` where nothing is left. */
function toName(filename: string): string {
  const last = filename.split(/[\\/]/).at(-1)!
  const safe = last.replaceAll(/[^\p{L}\p{N} ._()+-]/gu, '_').slice(-NAME_LENGTH)
  return safe === '' ? 'file' : safe
}
