// The pictures of the history: their names, where they lie, how they are sent back.
import { randomBytes } from 'node:crypto'
import { createReadStream, mkdirSync } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { FastifyReply } from 'fastify'
import { IMAGE_HEAD_BYTES, type ImageType, sniffImage } from '../../engine/decoders/sniff-image.ts'
import { DugaError } from '../../errors.ts'
import { toLocalTime } from './local-time.ts'

/** Where clients find them; never with a mount's prefix. */
export const PICTURE_PATH = '/static/history_images'

const STORED_NAME = /^\d{14}_[0-9a-f]{8}_[\w.-]{1,200}$/
const CONTENT_TYPES: Readonly<Record<ImageType, string>> = {
  jpeg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
  gif: 'image/gif',
  bmp: 'image/bmp',
  tiff: 'image/tiff',
  avif: 'image/avif',
}

/** `YYYYMMDDHHMMSS_<8 hex>_<safe original name>`, at most 224 characters. */
export function toStoredName(original: string, timestamp: number): string {
  const time = toLocalTime(timestamp).replaceAll(/\D/g, '')
  return `${time}_${randomBytes(4).toString('hex')}_${toSafeName(original)}`
}

/** Letters, digits, `.`, `_` and `-` only, no dot in front, at most 200 characters with the extension kept. */
export function toSafeName(original: string): string {
  const plain = original
    .normalize('NFKD')
    .replaceAll(/[/\\\s]+/g, '_')
    .replaceAll(/[^A-Za-z0-9_.-]/g, '')
    .replaceAll(/^[._]+|[._]+$/g, '')
  if (plain === '') return 'image'
  const dot = plain.lastIndexOf('.')
  const extension = dot > 0 && plain.length - dot <= 10 ? plain.slice(dot) : ''
  return (
    plain.slice(0, plain.length - extension.length).slice(0, 200 - extension.length) + extension
  )
}

export interface PictureStore {
  /** Moves a temporary file in under a stored name. */
  keep(temporary: string, name: string): Promise<void>
  remove(name: string): Promise<void>
  /** @throws DugaError request.not-found */
  send(name: string, reply: FastifyReply): Promise<FastifyReply>
}

/** @param home the home folder: pictures lie on the same file system as its temporary files */
export function openPictures(home: string): PictureStore {
  const folder = join(home, 'uploads', 'dog')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  return {
    keep: (temporary, name) => rename(temporary, join(folder, name)),
    remove: (name) => rm(join(folder, name), { force: true }),
    send: async (name, reply) => {
      if (!STORED_NAME.test(name)) throw notFound()
      const path = join(folder, name)
      const { type, bytes } = await readHead(path)
      reply.header('content-length', bytes)
      reply.header('content-type', type === null ? 'application/octet-stream' : CONTENT_TYPES[type])
      reply.header('x-content-type-options', 'nosniff')
      reply.header('content-security-policy', "default-src 'none'; sandbox")
      reply.header('cross-origin-resource-policy', 'cross-origin')
      reply.header('cache-control', 'public, max-age=86400')
      return reply.send(createReadStream(path))
    },
  }
}

async function readHead(path: string): Promise<{ type: ImageType | null; bytes: number }> {
  try {
    await using file = await open(path, 'r')
    const { bytesRead, buffer } = await file.read(Buffer.alloc(IMAGE_HEAD_BYTES))
    const { size } = await file.stat()
    return { type: sniffImage(buffer.subarray(0, bytesRead)), bytes: size }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw notFound()
    throw error
  }
}

function notFound(): DugaError {
  return new DugaError('request.not-found', { what: 'such picture' })
}
