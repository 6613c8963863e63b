// What open connections see of a server that stops: streams end, and no connection is kept for a next request, which
// would hold the server up for as long as its client likes.
import { setMaxListeners } from 'node:events'
import type { FastifyInstance } from 'fastify'

declare module 'fastify' {
  interface FastifyInstance {
    /** Aborted when the server begins to stop; what is under way is still answered. */
    readonly closing: AbortSignal
  }
}

export function announceClosing(app: FastifyInstance): void {
  const controller = new AbortController()
  const { signal } = controller
  setMaxListeners(0, signal)
  app.decorate('closing', signal)
  app.addHook('preClose', async () => controller.abort())
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (signal.aborted) reply.header('connection', 'close')
    done(null, payload)
  })
  // The head of this answer may have gone out before.
  app.addHook('onResponse', (_request, _reply, done) => {
    if (signal.aborted) app.server.closeIdleConnections()
    done()
  })
}
