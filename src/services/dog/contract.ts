// The routes of the old dog-breed API, answered as it answered them: `error` in Indonesian, percentages as strings.
// Accounts stand in accounts.ts, the page in page.ts.
import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { sniffImage } from '../../engine/decoders/sniff-image.ts'
import type { FileInput } from '../../engine/service.ts'
import { DugaError } from '../../errors.ts'
import type { Contract, PresentedError, ServiceKit } from '../../http/kit.ts'
import { documentErrors } from '../../http/plugins/complete-document.ts'
import { contentSchema, multipartSchema } from '../../http/plugins/openapi.ts'
import { accountRoutes } from './accounts.ts'
import type { DogAnswer } from './answer.ts'
import { findUserId, requireReader, TOKEN_MESSAGES } from './callers.ts'
import { HISTORY_ITEM_SCHEMA, toCsv, toHistoryBody, toPercent } from './history.ts'
import { pageRoutes } from './page.ts'
import { openPictures, PICTURE_PATH, type PictureStore, toStoredName } from './pictures.ts'

type Kit = ServiceKit<FileInput, DogAnswer>

export const MAX_PICTURE_BYTES = 16 * 1024 * 1024
const HISTORY_LIMIT = 1000
const ORIGINS = ['http://localhost:5173', 'http://127.0.0.1:5173']

const NO_FILE = 'Tidak ada file gambar yang diunggah.'
const NO_NAME = 'Nama file kosong, silakan pilih gambar.'
const NO_PICTURE = 'Berkas bukan gambar yang dapat dibaca.'
const NO_MODEL = 'Model AI atau mapping kelas tidak berhasil dimuat di backend.'

const ERROR_SCHEMA = {
  type: 'object',
  properties: {
    error: { type: 'string' },
    message: { type: 'string' },
    error_en: { type: 'string', description: 'The same in English.' },
  },
} as const

const ANSWER_SCHEMA = {
  type: 'object',
  properties: {
    predicted_breed: { type: 'string' },
    confidence: { type: 'string', example: '97.31%' },
    image_url: { type: 'string', description: 'Without the prefix of a mounted service.' },
    top_predictions: {
      type: 'array',
      items: {
        type: 'object',
        properties: { breed: { type: 'string' }, confidence: { type: 'string' } },
      },
    },
    dog_score: { type: 'number', description: 'Probability that it is a dog at all.' },
    is_dog: { type: 'boolean', description: 'false: the breed is the least wrong one.' },
  },
  required: ['predicted_breed', 'confidence', 'image_url'],
} as const

export const dogContract: Contract<FileInput, DogAnswer> = async (app, kit) => {
  const headers = ['Authorization', 'Content-Type']
  await kit.allowOrigins(app, ORIGINS, { credentials: true, headers })
  kit.presentErrors(app, present)
  documentErrors(app, ERROR_SCHEMA)
  const pictures = openPictures(kit.folders.home)
  pageRoutes(app, kit.mount)
  predictRoute(app, kit, pictures)
  historyRoutes(app, kit)
  pictureRoute(app, pictures)
  accountRoutes(app, kit)
}

/** Where the service is mounted, `image_url` still names the pictures at the root of the host. */
export const dogRootRoutes: Contract<FileInput, DogAnswer> = async (app, kit) => {
  pictureRoute(app, openPictures(kit.folders.home))
}

function predictRoute(app: FastifyInstance, kit: Kit, pictures: PictureStore): void {
  const schema = {
    tags: ['dog'],
    summary: 'Name the breed in a picture',
    ...multipartSchema('file', 'JPEG, PNG, WebP, GIF, BMP, TIFF or AVIF, at most 16 MiB.'),
    response: { 200: ANSWER_SCHEMA, '4xx': ERROR_SCHEMA, '5xx': ERROR_SCHEMA },
  }
  app.post('/api/predict', { schema }, async (request, reply) => {
    if (!kit.hasModel()) throw new DugaError('model.missing', { service: 'dog' })
    const userId = await findUserId(kit, request)
    const file = await kit.receiveFile(request, {
      field: 'file',
      maxBytes: MAX_PICTURE_BYTES,
      check: checkHead,
    })
    if (file === null) return reply.code(400).send({ error: NO_FILE })
    if (file.filename === '') return reply.code(400).send({ error: NO_NAME })
    let kept: string | null = null
    const finish = async (answer: DogAnswer, { timestamp }: { timestamp: number }) => {
      const name = toStoredName(file.filename, timestamp)
      await pictures.keep(file.path, name)
      kept = name
      return [toRow(answer, { name, timestamp, userId })]
    }
    try {
      const input = { path: file.path }
      const options = { reference: file.filename, userId, finish }
      const { answer } = await kit.predict(request, reply, input, options)
      return toBody(answer, kept!)
    } catch (error) {
      // What was not recorded has no picture either.
      if (kept !== null) await pictures.remove(kept)
      throw error
    }
  })
}

/** An empty name is answered in the route's own words. */
function checkHead(head: Uint8Array, { filename }: { filename: string }): void {
  if (filename === '' || sniffImage(head) !== null) return
  const reason = head.length === 0 ? 'the file is empty' : 'its first bytes are of no known format'
  throw new DugaError('image.unreadable', { reason })
}

function toRow(
  { breed, confidence }: DogAnswer,
  { name, timestamp, userId }: { name: string; timestamp: number; userId: number | null },
) {
  return {
    table: 'prediction_history',
    userId,
    timestamp,
    imageFilename: name,
    imageUrl: `${PICTURE_PATH}/${name}`,
    predictedBreed: breed,
    confidence,
  } as const
}

function toBody({ breed, confidence, top, dogScore, isDog }: DogAnswer, name: string) {
  return {
    predicted_breed: breed,
    confidence: toPercent(confidence),
    image_url: `${PICTURE_PATH}/${name}`,
    top_predictions: top.map(({ label, probability }) => ({
      breed: label,
      confidence: toPercent(probability),
    })),
    ...(dogScore !== null && { dog_score: dogScore }),
    ...(isDog !== null && { is_dog: isDog }),
  }
}

function historyRoutes(app: FastifyInstance, kit: Kit): void {
  const { dogHistory } = kit.stores
  const querystring = {
    type: 'object',
    properties: {
      limit: { type: 'integer', minimum: 1, maximum: HISTORY_LIMIT },
      before: { type: 'integer', description: 'Only ids below this one.' },
    },
  }
  const response = { 200: { type: 'array', items: HISTORY_ITEM_SCHEMA } }
  const common = {
    tags: ['dog'],
    ...(!kit.config.historyPublic && { security: [{ user: [] }, { client: ['predict'] }] }),
  }
  const list = { ...common, summary: 'Predictions, newest first', querystring, response }
  const csv = {
    ...common,
    summary: 'All predictions as CSV, newest first',
    response: { 200: contentSchema('text/csv', 'The file.') },
  }
  for (const path of ['/api/history', '/history']) {
    app.get<{ Querystring: { limit?: number; before?: number } }>(
      path,
      { schema: list },
      async (request) => {
        if (!kit.config.historyPublic) await requireReader(kit, request)
        return (await dogHistory.list({ limit: HISTORY_LIMIT, ...request.query })).map(
          toHistoryBody,
        )
      },
    )
    app.get(`${path}.csv`, { schema: csv }, async (request, reply) => {
      if (!kit.config.historyPublic) await requireReader(kit, request)
      reply.type('text/csv; charset=utf-8')
      reply.header('content-disposition', 'attachment; filename="history.csv"')
      return reply.send(Readable.from(toCsv(dogHistory)))
    })
  }
}

function pictureRoute(app: FastifyInstance, pictures: PictureStore): void {
  const schema = {
    tags: ['dog'],
    summary: 'A picture of the history',
    response: { 200: contentSchema('image/*', 'The picture as it was uploaded.') },
  }
  app.get<{ Params: { file: string } }>(`${PICTURE_PATH}/:file`, { schema }, (request, reply) =>
    pictures.send(request.params.file, reply),
  )
}

function present({ status, code, message, indonesian }: PresentedError) {
  if (code === 'model.missing') return { status: 500, body: { error: NO_MODEL } }
  const tokenMessage = code === null ? undefined : TOKEN_MESSAGES[code]
  if (tokenMessage !== undefined) return { status, body: { message: tokenMessage } }
  // The reason inside the general message is in English.
  const error = code === 'image.unreadable' ? NO_PICTURE : indonesian
  return { status, body: { error, message: error, error_en: message } }
}
