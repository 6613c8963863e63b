// Streams one file of a multipart body to a temporary file, or a small one into memory, with its limits enforced on the way.
// What a refused client still sends is thrown away, up to a bound; then the connection ends.
import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { MultipartFile } from '@fastify/multipart'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { DugaError } from '../errors.ts'
import type { ReceivedFile, ReceivedInput, ReceiveOptions } from './kit.ts'

const HEAD_BYTES = 4100
/** Of a whole body. Making, reading and deleting a file for it costs 1.2 ms of processor time; a face takes 35. */
const SMALL_BYTES = 256 * 1024
const DRAIN_BYTES = 64 * 1024 * 1024

interface TemporaryFile {
  readonly path: string
  /** Until its stream has closed, a file may still come into being: its opening runs in another thread. */
  readonly closed: Promise<void>
}

const temporaryFiles = new WeakMap<FastifyRequest, TemporaryFile[]>()

/**
 * @returns null where the body is not multipart or has no file under that field name
 * @throws DugaError upload.malformed, input.too-large, or what `options.check` throws
 */
export async function receiveFile(
  request: FastifyRequest,
  folder: string,
  options: ReceiveOptions,
): Promise<ReceivedFile | null> {
  if (!request.isMultipart()) return null
  const take = (part: MultipartFile) => storePart(request, part, folder, options)
  return await orDrain(request, () => readParts(request, options, take))
}

/** As {@link receiveFile}, for the engine; a small file stays in memory. */
export async function receiveInput(
  request: FastifyRequest,
  folder: string,
  options: ReceiveOptions,
): Promise<ReceivedInput | null> {
  if (!request.isMultipart()) return null
  const isSmall = Number(request.headers['content-length'] ?? Number.NaN) <= SMALL_BYTES
  const take = async (part: MultipartFile): Promise<Omit<ReceivedInput, 'fields'>> => {
    if (isSmall) return await holdPart(part, options)
    const { path, ...file } = await storePart(request, part, folder, options)
    return { ...file, input: { path } }
  }
  return await orDrain(request, () => readParts(request, options, take))
}

/**
 * Reads a multipart body; where that fails, what the client still sends is thrown away.
 * @throws DugaError upload.malformed, or the one that `read` throws
 */
export async function orDrain<Result>(
  request: FastifyRequest,
  read: () => Promise<Result>,
): Promise<Result> {
  try {
    return await read()
  } catch (error) {
    drain(request)
    if (error instanceof DugaError) throw error
    throw new DugaError('upload.malformed', { reason: reasonOf(error) }, { cause: error })
  }
}

/** Whether {@link receiveFile} stored something for this request that is still ours. */
export function hasTemporaryFiles(request: FastifyRequest): boolean {
  return temporaryFiles.has(request)
}

/** Deletes what {@link receiveFile} stored for this request and was not moved away. */
export async function removeTemporaryFiles(request: FastifyRequest): Promise<void> {
  const files = temporaryFiles.get(request)
  if (!files) return
  temporaryFiles.delete(request)
  const remove = async ({ path, closed }: TemporaryFile): Promise<void> => {
    await closed
    await rm(path, { force: true })
  }
  await Promise.all(files.map(remove))
}

/** Deletes them also when the client goes away before an answer could be sent. */
export function removeOnClose(request: FastifyRequest, reply: FastifyReply): void {
  reply.raw.once('close', () => {
    removeTemporaryFiles(request).catch((error: unknown) => request.log.error(error))
  })
}

async function readParts<Taken extends object>(
  request: FastifyRequest,
  options: ReceiveOptions,
  take: (part: MultipartFile) => Promise<Taken>,
): Promise<(Taken & Pick<ReceivedFile, 'fields'>) | null> {
  const fields: Record<string, string> = Object.create(null)
  let received: Taken | null = null
  const limits = { fileSize: options.maxBytes, files: 8, fields: 64, parts: 72, fieldSize: 65_536 }
  for await (const part of request.parts({ limits })) {
    if (part.type === 'field') {
      fields[part.fieldname] ??= String(part.value)
    } else if (part.fieldname === options.field && received === null) {
      received = await take(part)
    } else {
      part.file.resume()
    }
  }
  return received && { ...received, fields: { ...fields } }
}

async function holdPart(
  part: MultipartFile,
  options: ReceiveOptions,
): Promise<Omit<ReceivedInput, 'fields'>> {
  const file = describe(part)
  const chunks: Buffer[] = []
  for await (const chunk of part.file) chunks.push(chunk)
  if (part.file.truncated) throw tooLarge(options)
  // A copy of its own: a buffer may lie in a larger one, which would cross to the lane as a whole.
  const input = new Uint8Array(Buffer.concat(chunks))
  options.check?.(input.subarray(0, HEAD_BYTES), file)
  return { ...file, bytes: input.length, input }
}

function describe({ filename, mimetype }: MultipartFile): { filename: string; mimetype: string } {
  return {
    filename: filename ?? '',
    mimetype: (mimetype ?? '').split(';')[0]!.trim().toLowerCase(),
  }
}

/**
 * Streams one part to a temporary file of this request.
 * @param options.left of `maxBytes`, where other parts have had some of it
 * @throws DugaError input.too-large, or what `options.check` throws
 */
export async function storePart(
  request: FastifyRequest,
  part: MultipartFile,
  folder: string,
  options: Pick<ReceiveOptions, 'maxBytes' | 'check'> & { readonly left?: number },
): Promise<Omit<ReceivedFile, 'fields'>> {
  const file = {
    path: join(folder, `${randomUUID()}.upload`),
    ...describe(part),
  }
  let bytes = 0
  const checked = async function* (source: AsyncIterable<Buffer>) {
    let held: Buffer[] | null = []
    for await (const chunk of source) {
      bytes += chunk.length
      if (bytes > (options.left ?? options.maxBytes)) throw tooLarge(options)
      if (held === null) {
        yield chunk
        continue
      }
      held.push(chunk)
      if (bytes < HEAD_BYTES) continue
      yield passHead(held)
      held = null
    }
    if (held !== null) yield passHead(held)
  }
  const passHead = (held: readonly Buffer[]): Buffer => {
    const head = Buffer.concat(held)
    options.check?.(head.subarray(0, HEAD_BYTES), file)
    return head
  }
  const target = createWriteStream(file.path, { flags: 'wx', mode: 0o600 })
  const closed = new Promise<void>((resolve) => target.once('close', resolve))
  remember(request, { path: file.path, closed })
  await pipeline(part.file, checked, target)
  if (part.file.truncated) throw tooLarge(options)
  return { ...file, bytes }
}

const tooLarge = ({ maxBytes }: Pick<ReceiveOptions, 'maxBytes'>): DugaError =>
  new DugaError('input.too-large', { limit: maxBytes })

function remember(request: FastifyRequest, file: TemporaryFile): void {
  const files = temporaryFiles.get(request)
  if (files) files.push(file)
  else temporaryFiles.set(request, [file])
}

function drain(request: FastifyRequest): void {
  const { raw } = request
  let left = DRAIN_BYTES
  raw.unpipe()
  raw.on('data', (chunk: Buffer) => {
    left -= chunk.length
    if (left < 0) raw.destroy()
  })
  raw.resume()
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : 'the multipart body is broken'
}
