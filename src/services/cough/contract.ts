// The routes of the old cough API, answered as it answered them: `detail` in every error,
// percentages as strings.
import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { sniffAudio } from '../../engine/decoders/sniff-audio.ts'
import type { FileInput } from '../../engine/service.ts'
import { DugaError } from '../../errors.ts'
import type { Contract, PresentedError, ServiceKit } from '../../http/kit.ts'
import { documentErrors } from '../../http/plugins/complete-document.ts'
import { contentSchema, multipartSchema } from '../../http/plugins/openapi.ts'
import type { CoughAnswer } from './answer.ts'
import { toCsv, toJsonArray } from './history.ts'
import { createRateLimit } from './rate-limit.ts'

type Kit = ServiceKit<FileInput, CoughAnswer>

export const MAX_AUDIO_BYTES = 5 * 1024 * 1024

const ORIGINS = ['', ':8080', ':8081', ':5173'].map((port) => `http://localhost${port}`)

const ERROR_SCHEMA = {
  type: 'object',
  properties: {
    detail: { description: 'What is wrong; for a missing field a list, as FastAPI has it.' },
  },
} as const

const ANSWER_SCHEMA = {
  type: 'object',
  properties: {
    filename: { type: 'string' },
    prediction: { type: 'string' },
    confidence: { type: 'string', example: '90.00%' },
    raw_scores: { type: 'object', additionalProperties: { type: 'string' } },
  },
  required: ['filename', 'prediction', 'confidence', 'raw_scores'],
} as const

const STATUS_SCHEMA = { type: 'object', properties: { status: { type: 'string' } } } as const

const HISTORY_SCHEMA = {
  type: 'array',
  items: {
    type: 'object',
    properties: {
      timestamp: { type: 'string', example: '2024-12-20 10:00:00' },
      filename: { type: 'string' },
      prediction: { type: 'string' },
      confidence: { type: 'number', description: '0..1' },
      processing_time_sec: { type: 'number' },
    },
  },
} as const

/** FastAPI's body for a form without the field. */
const FIELD_MISSING = {
  detail: [{ type: 'missing', loc: ['body', 'file'], msg: 'Field required', input: null }],
}

export const coughContract: Contract<FileInput, CoughAnswer> = async (app, kit) => {
  await kit.allowOrigins(app, ORIGINS)
  kit.presentErrors(app, present)
  documentErrors(app, ERROR_SCHEMA)
  const running = { summary: 'Whether the service runs', response: { 200: STATUS_SCHEMA } }
  app.get('/', { schema: { tags: ['cough'], ...running } }, () => ({
    status: 'Cough Classifier API is running.',
  }))
  predictRoute(app, kit)
  historyRoutes(app, kit)
}

function predictRoute(app: FastifyInstance, kit: Kit): void {
  const { coughRateLimit: perMinute, coughTrusted: trusted } = kit.config
  const count = createRateLimit(kit.clock, { perMinute, trusted })
  const schema = {
    tags: ['cough'],
    summary: 'Classify a recording',
    ...multipartSchema('file', 'WAV, MP3, OGG (Vorbis, Opus, FLAC) or FLAC, at most 5 MiB.'),
    response: { 200: ANSWER_SCHEMA, '4xx': ERROR_SCHEMA, '5xx': ERROR_SCHEMA },
  }
  app.post('/predict', { schema }, async (request, reply) => {
    count(request.ip)
    const file = await kit.receiveInput(request, {
      field: 'file',
      maxBytes: MAX_AUDIO_BYTES,
      check: checkHead,
    })
    if (!file) return reply.code(422).send(FIELD_MISSING)
    const { input, filename } = file
    const { answer } = await kit.predict(request, reply, input, { reference: filename })
    return toBody(filename, answer)
  })
}

function historyRoutes(app: FastifyInstance, kit: Kit): void {
  const rows = () => kit.stores.history.each(kit.definition.name)
  const authorise = async (request: FastifyRequest) => {
    if (!kit.config.historyPublic) await kit.requireClient(request, 'predict')
  }
  const schema = (summary: string, answer: object) => ({
    schema: {
      tags: ['cough'],
      summary,
      ...(!kit.config.historyPublic && { security: [{ client: ['predict'] }] }),
      response: { 200: answer },
    },
  })
  app.get(
    '/history',
    schema('All predictions, newest first', HISTORY_SCHEMA),
    async (request, reply) => {
      await authorise(request)
      reply.type('application/json; charset=utf-8')
      return reply.send(Readable.from(toJsonArray(rows())))
    },
  )
  app.get(
    '/history.csv',
    schema('All predictions as CSV, newest first', contentSchema('text/csv', 'The file.')),
    async (request, reply) => {
      await authorise(request)
      reply.type('text/csv; charset=utf-8')
      reply.header('content-disposition', 'attachment; filename="history.csv"')
      return reply.send(Readable.from(toCsv(rows())))
    },
  )
}

/** The declared type first, then the content: before anything is stored. */
function checkHead(head: Uint8Array, { mimetype }: { mimetype: string }): void {
  if (!mimetype.startsWith('audio/')) throw new DugaError('cough.not-audio', { type: mimetype })
  if (head.length === 0) throw new DugaError('cough.empty')
  if (sniffAudio(head) === null) throw new DugaError('cough.unknown-format')
}

function toBody(filename: string, { prediction, confidence, scores }: CoughAnswer) {
  return {
    filename,
    prediction,
    confidence: toPercent(confidence),
    raw_scores: Object.fromEntries(
      Object.entries(scores).map(([label, score]) => [label, toPercent(score)]),
    ),
  }
}

function toPercent(fraction: number): string {
  return `${(100 * fraction).toFixed(2)}%`
}

function present({ status, code, message }: PresentedError): { status: number; body: unknown } {
  if (code === 'request.not-found') return { status, body: { detail: 'Not Found' } }
  return { status, body: { detail: message } }
}
