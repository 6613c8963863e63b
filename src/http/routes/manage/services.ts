// `/manage/services`: what runs here, and its live events.
import type { FastifyInstance } from 'fastify'
import type { AppParts } from '../../app-parts.ts'
import { contentSchema } from '../../plugins/openapi.ts'
import { openEventStream } from '../../server-sent-events.ts'
import type { ServiceModule } from '../../service-module.ts'
import { findModule } from './find-module.ts'

const serviceSchema = {
  type: 'object',
  properties: {
    service: { type: 'string' },
    title: { type: 'string' },
    version: { type: ['string', 'null'], description: 'The version that serves.' },
    status: { type: 'string', description: '`ready`, `no model`, or why it is not ready.' },
    input: { type: 'string' },
    labels: { type: ['array', 'null'], items: { type: 'string' } },
  },
}

export function serviceRoutes(
  app: FastifyInstance,
  parts: AppParts,
  modules: readonly ServiceModule[],
): void {
  const present = ({ definition: { name, title, input } }: ServiceModule) => {
    const manifest = parts.engine.active(name)
    return {
      service: name,
      title,
      version: manifest?.version ?? null,
      status: parts.readiness().services[name] ?? 'unknown',
      input,
      labels: manifest?.labels ?? null,
    }
  }
  const list = {
    type: 'object',
    properties: { items: { type: 'array', items: serviceSchema }, next: { type: 'null' } },
  }
  app.get('/services', { schema: { summary: 'All services', response: { 200: list } } }, () => ({
    items: modules.map(present),
    next: null,
  }))
  app.get(
    '/services/:service',
    { schema: { summary: 'One service', response: { 200: serviceSchema } } },
    (request) => present(findModule(modules, request)),
  )
  app.get(
    '/services/:service/events',
    {
      schema: {
        summary: 'Live answers, as server-sent events',
        response: { 200: contentSchema('text/event-stream', 'Events until either side ends.') },
      },
    },
    (request, reply) => {
      const { name } = findModule(modules, request).definition
      let stop = () => {}
      const stream = openEventStream(request, reply, () => stop())
      stop = parts.events.subscribe(name, stream.send)
    },
  )
}
