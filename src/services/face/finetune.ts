// Fine-tuning as the old API asks for it: checks what it is given and says what is wrong with it.
import { opendir } from 'node:fs/promises'
import { extname, join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { confinePath } from '../../commands/confine-path.ts'
import type { FileInput } from '../../engine/service.ts'
import { DugaError } from '../../errors.ts'
import type { ServiceKit } from '../../http/kit.ts'
import { documentedSchema } from '../../http/plugins/openapi.ts'
import type { FaceAnswer } from './answer.ts'
import { ERROR_SCHEMA, formOf, integerOf, textOf } from './requests.ts'

const PICTURES = new Set('.jpg .jpeg .png .bmp .webp .gif .tif .tiff .heic .heif .avif'.split(' '))

const SCHEMA = {
  tags: ['face'],
  summary: 'Fine-tune on a folder of the server',
  consumes: ['multipart/form-data', 'application/x-www-form-urlencoded', 'application/json'],
  body: documentedSchema({
    type: 'object',
    properties: {
      data_dir: { type: 'string', description: 'Folder in DUGA_DATA with real/ and fake/.' },
      epochs: { type: 'integer', minimum: 1, maximum: 1000, default: 10 },
      batch_size: { type: 'integer', minimum: 1, maximum: 1024, default: 32 },
    },
    required: ['data_dir'],
  }),
  response: {
    200: { type: 'object', properties: { message: { type: 'string' } } },
    '4xx': ERROR_SCHEMA,
    '5xx': ERROR_SCHEMA,
  },
}

/** `POST /api/v1/finetune` */
export function finetuneRoute(app: FastifyInstance, kit: ServiceKit<FileInput, FaceAnswer>): void {
  app.post('/api/v1/finetune', { schema: SCHEMA }, async (request, reply) => {
    const fields = await formOf(request)
    if (!(await isTrainingFolder(kit.folders.data, textOf(fields.data_dir)))) {
      return reply.code(400).send({ error: 'Invalid or missing data directory' })
    }
    integerOf(fields, 'epochs', { min: 1, max: 1000, otherwise: 10 })
    integerOf(fields, 'batch_size', { min: 1, max: 1024, otherwise: 32 })
    throw new DugaError('training.unavailable', { service: kit.definition.name })
  })
}

/** Whether `name` is a folder inside `root` whose `real` and `fake` sub-folders, inside it too, hold pictures. */
export async function isTrainingFolder(root: string, name: string): Promise<boolean> {
  if (name === '') return false
  try {
    for (const kind of ['real', 'fake']) {
      const folder = await confinePath(root, join(name, kind), { stripPrefix: 'data' })
      if (!(await holdsPicture(folder))) return false
    }
    return true
  } catch (error) {
    if (error instanceof DugaError || isFileError(error)) return false
    throw error
  }
}

async function holdsPicture(folder: string): Promise<boolean> {
  for await (const entry of await opendir(folder)) {
    if (!entry.isDirectory() && PICTURES.has(extname(entry.name).toLowerCase())) return true
  }
  return false
}

/** Not a folder, not readable, gone meanwhile. */
function isFileError(error: unknown): boolean {
  return typeof (error as NodeJS.ErrnoException | null)?.syscall === 'string'
}
