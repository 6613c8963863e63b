// Which methods an address takes: Fastify answers 404 where only the method is wrong, HTTP says 405 with Allow.
import type { FastifyInstance } from 'fastify'

declare module 'fastify' {
  interface FastifyInstance {
    /** Methods of the routes that a path leads to, in alphabetical order; none where there is no such path. */
    allowedMethods(path: string): readonly string[]
  }
}

interface Known {
  readonly methods: readonly string[]
  readonly pattern: RegExp
}

/** Watches the routes that are registered after it. */
export function watchMethods(app: FastifyInstance): void {
  const known: Known[] = []
  app.addHook('onRoute', ({ method, url }) => {
    // A wildcard is a plugin's net, not an address.
    if (url.includes('*')) return
    known.push({ methods: [method].flat(), pattern: toPattern(url) })
  })
  app.decorate('allowedMethods', (path: string) => {
    const fitting = known.filter(({ pattern }) => pattern.test(path))
    return [...new Set(fitting.flatMap(({ methods }) => methods))].sort()
  })
}

/** `/a/:b` → `/a/` and one segment that is not empty, with or without a slash at the end. */
function toPattern(url: string): RegExp {
  const segments = url.split('/').map((segment) => {
    return segment.startsWith(':') ? '[^/]+' : segment.replaceAll(/\W/g, '\\$&')
  })
  return new RegExp(`^${segments.join('/').replace(/\/$/, '')}/?$`)
}
