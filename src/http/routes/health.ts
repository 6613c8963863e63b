// Liveness and readiness, and the metrics page.
import type { FastifyInstance } from 'fastify'
import type { ForwarderState } from '../../store/outbox/forwarder.ts'
import type { Outboxes } from '../../store/outbox/outboxes.ts'
import type { Metrics } from '../metrics.ts'
import { contentSchema } from '../plugins/openapi.ts'

export interface Readiness {
  readonly ready: boolean
  /** By service: `ready`, `no model`, or why it is not ready. */
  readonly services: Readonly<Record<string, string>>
  /** `ok`, or since when the database has not answered. */
  readonly database?: string
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
    database: {
      type: 'string',
      description: '`ok`, or since when the database has not answered.',
    },
    outboxes: {
      type: 'object',
      additionalProperties: { type: 'string' },
      description:
        'By store that is written to through an outbox: `ok`, or what waits and why. Answers go on meanwhile.',
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
  parts: {
    readonly metrics: Metrics
    readonly readiness: () => Readiness
    readonly outboxes: Outboxes | null
  },
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
    const { ready: isReady, services, database } = parts.readiness()
    reply.code(isReady ? 200 : 503)
    const states = parts.outboxes?.states().map((state) => [state.name, describe(state)])
    return {
      status: isReady ? 'ready' : 'not ready',
      services,
      ...(database !== undefined && { database }),
      ...(states && { outboxes: Object.fromEntries(states) }),
    }
  }
}

function describe({ failing, records, dropped }: ForwarderState): string {
  const lost = dropped > 0 ? `; ${dropped} records were dropped` : ''
  return failing === null ? `ok${lost}` : `${records} records wait: ${failing}${lost}`
}
