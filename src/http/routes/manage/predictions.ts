// `/manage/services/{service}/predictions`: the history, filtered, a page at a time.
import type { FastifyInstance } from 'fastify'
import { presentPrediction } from '../../../commands/present.ts'
import { DugaError } from '../../../errors.ts'
import type { PredictionFilter } from '../../../store/list-predictions.ts'
import type { AppParts } from '../../app-parts.ts'
import type { ServiceModule } from '../../service-module.ts'
import { findModule } from './find-module.ts'
import { pageOf, pageQuery } from './pages.ts'

const predictionSchema = {
  type: 'object',
  properties: {
    id: { type: 'string' },
    timestamp: { type: 'string', description: 'ISO 8601, UTC.' },
    version: { type: 'string' },
    input: { type: 'string' },
    answer: {},
    label: { type: ['string', 'null'] },
    confidence: { type: ['number', 'null'] },
    duration_ms: { type: 'number' },
    client: { type: ['string', 'null'] },
    user_id: { type: ['integer', 'null'] },
  },
}

const querySchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    ...pageQuery,
    from: { type: 'string', maxLength: 40, description: 'ISO 8601, inclusive.' },
    to: { type: 'string', maxLength: 40, description: 'ISO 8601, exclusive.' },
    label: { type: 'string', maxLength: 255 },
    version: { type: 'string', maxLength: 64 },
    client: { type: 'string', maxLength: 255 },
    min_confidence: { type: 'number', minimum: 0, maximum: 1 },
    max_confidence: { type: 'number', minimum: 0, maximum: 1 },
  },
}

type Query = Partial<
  Record<'from' | 'to' | 'label' | 'version' | 'client' | 'cursor', string> &
    Record<'limit' | 'min_confidence' | 'max_confidence', number>
>

export function predictionRoutes(
  app: FastifyInstance,
  { stores }: AppParts,
  modules: readonly ServiceModule[],
): void {
  const path = '/services/:service/predictions'
  app.get(
    path,
    {
      schema: {
        summary: 'Answered predictions, newest first',
        querystring: querySchema,
        response: { 200: pageOf(predictionSchema) },
      },
    },
    async (request) => {
      const { name } = findModule(modules, request).definition
      const page = await stores.history.list(name, toFilter(request.query as Query))
      return { items: page.items.map(presentPrediction), next: page.next }
    },
  )
  app.get(
    `${path}/:id`,
    { schema: { summary: 'One prediction', response: { 200: predictionSchema } } },
    async (request) => {
      const { name } = findModule(modules, request).definition
      const { id } = request.params as { readonly id: string }
      const found = await stores.history.get(name, id)
      if (!found) throw new DugaError('request.not-found', { what: `prediction "${id}"` })
      return presentPrediction(found)
    },
  )
}

function toFilter(query: Query): PredictionFilter {
  const { from, to, min_confidence: minConfidence, max_confidence: maxConfidence, ...same } = query
  return {
    ...same,
    ...(from !== undefined && { from: toInstant('from', from) }),
    ...(to !== undefined && { to: toInstant('to', to) }),
    ...(minConfidence !== undefined && { minConfidence }),
    ...(maxConfidence !== undefined && { maxConfidence }),
  }
}

function toInstant(name: string, value: string): number {
  const time = Date.parse(value)
  if (Number.isNaN(time)) {
    throw new DugaError('input.invalid', { reason: `${name} is not an ISO 8601 time` })
  }
  return time
}
