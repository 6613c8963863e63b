// Puts the HTTP side together: hooks, documentation, the contracts at their prefixes or one at the root, and
// Duga's own routes beside them. It starts nothing and listens on nothing.
import { setImmediate } from 'node:timers/promises'
import formbody from '@fastify/formbody'
import multipart from '@fastify/multipart'
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import { watchMethods } from './allowed-methods.ts'
import type { AppParts } from './app-parts.ts'
import { mendAddress, refuseBrokenRequest } from './broken-requests.ts'
import { compilersFactory } from './compile-schemas.ts'
import { announceClosing } from './plugins/closing.ts'
import { registerDocs } from './plugins/docs.ts'
import { collectRoutes } from './plugins/openapi.ts'
import { markService, registerRequestHooks } from './plugins/requests.ts'
import { refuseUnknown, sendProblem } from './present-error.ts'
import { healthRoutes } from './routes/health.ts'
import { indexPage } from './routes/index-page.ts'
import { manageRoutes } from './routes/manage/index.ts'
import { openInferenceRoutes } from './routes/open-inference.ts'
import { tokenRoutes } from './routes/token.ts'
import { createServiceKit } from './service-kit.ts'
import type { ServiceModule } from './service-module.ts'

const JSON_BODY_BYTES = 1024 * 1024
const REQUEST_TIMEOUT_MS = 60_000

/**
 * @param parts everything that routes use; see {@link AppParts}
 * @returns an app that is ready to `listen` or `inject`
 */
export async function createApp(parts: AppParts): Promise<FastifyInstance> {
  const requestTimeout = parts.requestTimeoutMs ?? REQUEST_TIMEOUT_MS
  const app = Fastify({
    loggerInstance: parts.log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    // No logger of its own for each request: it would be made for every one and used by the few that fail.
    childLoggerFactory: (logger) => logger,
    bodyLimit: JSON_BODY_BYTES,
    requestTimeout,
    // Node waits for the longer of the two limits.
    http: {
      requestTimeout,
      headersTimeout: requestTimeout,
      connectionsCheckingInterval: Math.min(requestTimeout, 5000),
    },
    trustProxy: parts.config.trustProxy.length > 0 ? [...parts.config.trustProxy] : false,
    // Node bounds the whole head of a request to 16 KiB.
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 16_384 },
    rewriteUrl: mendAddress,
    clientErrorHandler: refuseBrokenRequest,
    return503OnClosing: true,
    schemaController: { compilersFactory },
  })
  takeEmptyJson(app)
  watchMethods(app)
  announceClosing(app)
  app.setErrorHandler(sendProblem)
  // A service at the root answers unknown paths itself; Fastify takes one such handler a prefix.
  if (parts.standalone === null) app.setNotFoundHandler(refuseUnknown)
  registerRequestHooks(app, parts.metrics)
  await app.register(formbody, { bodyLimit: 16_384 })
  await app.register(multipart, { throwFileSizeLimit: false })
  const services = served(parts).map(({ definition }) => definition)
  const title = parts.standalone === null ? 'Duga' : services[0]!.title
  collectRoutes(app, { version: parts.version, title, services })
  await registerServices(app, parts)
  await registerOwnRoutes(app, parts, title)
  await app.ready()
  return app
}

async function registerServices(app: FastifyInstance, parts: AppParts): Promise<void> {
  for (const module of served(parts)) {
    // Making routes takes a while, and lanes that load versions meanwhile wait for their next one.
    await setImmediate()
    const mount = parts.standalone === null ? `/${module.definition.name}` : ''
    const kit = createServiceKit(parts, module, mount)
    await app.register(
      async (scope) => {
        markService(scope, module.definition.name)
        // Where clients need a token, its route stands under the prefix too; at the root it is there anyway.
        if (module.access === 'client' && mount !== '') await tokenRoutes(scope, parts.clients)
        await module.contract(scope, kit)
      },
      { prefix: mount },
    )
    if (mount === '' || module.rootRoutes === undefined) continue
    const { rootRoutes } = module
    await app.register(async (scope) => {
      markService(scope, module.definition.name)
      await rootRoutes(scope, kit)
    })
  }
}

async function registerOwnRoutes(
  app: FastifyInstance,
  parts: AppParts,
  title: string,
): Promise<void> {
  const modules = served(parts)
  const mounted = parts.standalone === null
  await registerDocs(
    app,
    title,
    mounted
      ? modules.map(({ definition: { name, title } }) => ({ prefix: `/${name}`, title }))
      : [],
  )
  healthRoutes(app, parts)
  await tokenRoutes(app, parts.clients)
  if (mounted) indexPage(app, parts, modules)
  await app.register((scope) => openInferenceRoutes(scope, parts, modules), { prefix: '/v2' })
  await app.register((scope) => manageRoutes(scope, parts, modules), { prefix: '/manage' })
}

function served(parts: AppParts): readonly ServiceModule[] {
  return parts.standalone === null
    ? parts.services
    : parts.services.filter(({ definition }) => definition.name === parts.standalone)
}

/** Clients that always declare JSON send it without a body too; the route says whether it needs one. */
function takeEmptyJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeContentTypeParser('application/json')
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined)
    else void parse(request, body as string, done)
  })
}
