// Fine-tuning as the old API asks for it: what it is given is checked, then a job does the work; see train.ts.
import { opendir } from 'node:fs/promises'
import { extname, join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { confinePath } from '../../commands/confine-path.ts'
import { startTraining } from '../../commands/start-training.ts'
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
    200: {
      type: 'object',
      properties: {
        message: { type: 'string' },
        job_id: { type: 'string', description: 'See /manage/jobs.' },
        new_model_version: { type: ['string', 'null'] },
      },
    },
    '4xx': ERROR_SCHEMA,
    '5xx': ERROR_SCHEMA,
  },
}

/** `POST /api/v1/finetune` */
export function finetuneRoute(app: FastifyInstance, kit: ServiceKit<FileInput, FaceAnswer>): void {
  app.post('/api/v1/finetune', { schema: SCHEMA }, async (request, reply) => {
    const fields = await formOf(request)
    const data = textOf(fields.data_dir)
    if (!(await isTrainingFolder(kit.folders.data, data))) {
      return reply.code(400).send({ error: 'Invalid or missing data directory' })
    }
    const epochs = integerOf(fields, 'epochs', { min: 1, max: 1000, otherwise: 10 })
    const batch_size = integerOf(fields, 'batch_size', { min: 1, max: 1024, otherwise: 32 })
    const parts = { jobs: kit.jobs, dataRoot: kit.folders.data, trainable: true }
    const job = await startTraining(parts, kit.definition.name, { data, epochs, batch_size })
    return {
      message: 'Fine-tuning started successfully',
      job_id: job.id,
      new_model_version: job.version,
    }
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

/** Entries that are looked at before a folder counts as one without pictures. */
const MOST_ENTRIES = 10_000

/** In itself or in folders within it, one for each person, say. */
async function holdsPicture(folder: string): Promise<boolean> {
  let entries = 0
  for await (const entry of await opendir(folder, { recursive: true })) {
    if (!entry.isDirectory() && PICTURES.has(extname(entry.name).toLowerCase())) return true
    entries += 1
    if (entries === MOST_ENTRIES) return false
  }
  return false
}

/** Not a folder, not readable, gone meanwhile. */
function isFileError(error: unknown): boolean {
  return typeof (error as NodeJS.ErrnoException | null)?.syscall === 'string'
}
