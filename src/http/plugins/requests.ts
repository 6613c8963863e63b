// What holds for every request: metrics, safe headers, temporary files that go away.
import type { FastifyInstance } from 'fastify'
import { createCollector } from '../../engine/collect-garbage.ts'
import type { Metrics } from '../metrics.ts'
import { hasTemporaryFiles, removeOnClose, removeTemporaryFiles } from '../receive-file.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The service that a route belongs to, for metrics. */
    service?: string
  }
}

export function registerRequestHooks(app: FastifyInstance, metrics: Metrics): void {
  const collect = createCollector()
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-content-type-options', 'nosniff')
    if (request.headers['content-type']?.startsWith('multipart/')) removeOnClose(request, reply)
    done()
  })
  app.addHook('onSend', (request, _reply, _payload, done) => {
    if (!hasTemporaryFiles(request)) return done()
    removeTemporaryFiles(request).then(() => done(), done)
  })
  app.addHook('onResponse', (request, reply, done) => {
    const { url: route = 'unknown', config } = request.routeOptions
    const service = config.service ?? 'duga'
    metrics.requests.inc({ service, method: request.method, route, status: reply.statusCode })
    metrics.latency.observe({ service, route }, reply.elapsedTime / 1000)
    // The pieces of a file.
    if (request.headers['content-type']?.startsWith('multipart/')) collect()
    done()
  })
}

/** Marks every route that is registered on this app from now on as the service's. */
export function markService(app: FastifyInstance, service: string): void {
  app.addHook('onRoute', (route) => {
    route.config = { ...route.config, service }
    route.schema = { tags: [service], ...route.schema }
  })
}
