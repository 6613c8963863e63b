// Liveness and readiness, and the metrics page.
import type { FastifyInstance } from 'fastify'
import type { Metrics } from '../metrics.ts'
import { contentSchema } from '../plugins/openapi.ts'

export interface Readiness {
  readonly ready: boolean
  /** By service: `ready`, `no model`, or why it is not ready. */
  readonly services: Readonly<Record<string, string>>
}

const tags = ['health']

const liveSchema = {
  tags,
  summary: 'The process lives',
  response: { 200: { type: 'object', properties: { status: { type: 'string' } } } },
}

const readiness = {
  type: 'object',
  properties: {
    status: { type: 'string', enum: ['ready', 'not ready'] },
    services: {
      type: 'object',
      additionalProperties: { type: 'string' },
      description: 'By service: `ready`, `no model`, or why it is not ready.',
    },
  },
}

const readySchema = {
  tags,
  summary: 'Every service that has a model answers',
  response: { 200: readiness, 503: readiness },
}

const metricsSchema = {
  tags,
  summary: 'Prometheus metrics',
  response: { 200: contentSchema('text/plain', 'In the text format of Prometheus.') },
}

export function healthRoutes(
  app: FastifyInstance,
  parts: { readonly metrics: Metrics; readonly readiness: () => Readiness },
): void {
  const live = { schema: liveSchema }
  const ready = { schema: readySchema }
  app.get('/health/live', live, () => ({ status: 'live' }))
  app.get('/health', ready, (_request, reply) => answer(reply))
  app.get('/health/ready', ready, (_request, reply) => answer(reply))
  app.get('/metrics', { schema: metricsSchema }, async (_request, reply) =>
    reply.type(parts.metrics.registry.contentType).send(await parts.metrics.registry.metrics()),
  )

  const answer = (reply: { code(status: number): unknown }) => {
    const { ready: isReady, services } = parts.readiness()
    reply.code(isReady ? 200 : 503)
    return { status: isReady ? 'ready' : 'not ready', services }
  }
}
