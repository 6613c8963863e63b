// OpenAPI 3.1 from the very schemas that validate, whole and per service.
import Fastify, {
  type FastifyContextConfig,
  type FastifyInstance,
  type RouteOptions,
} from 'fastify'
import type { Scope } from '../../auth/principal.ts'
import { completeDocument, withErrors } from './complete-document.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** The OpenAPI document of all routes. */
    openApi(): Promise<Document>
  }
}

interface Multipart {
  readonly consumes: readonly string[]
  readonly body: Readonly<Record<string, unknown>>
}

const DOCUMENTED_ONLY = 'x-documented-only'

/** Schema of a multipart body. It only documents: uploads are checked in the stream. */
export function multipartSchema(
  file: string,
  about: string,
  fields: Readonly<Record<string, unknown>> = {},
): Multipart {
  const properties = { [file]: { type: 'string', format: 'binary', description: about }, ...fields }
  return {
    consumes: ['multipart/form-data'],
    body: { [DOCUMENTED_ONLY]: true, type: 'object', required: [file], properties },
  }
}

/** A body that is checked by the route itself because its contract wants its own order or codes. */
export function documentedSchema(
  schema: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return { ...schema, [DOCUMENTED_ONLY]: true }
}

/** An answer that is no JSON, of a response schema. */
export function contentSchema(type: string, description: string): Record<string, unknown> {
  return { description, content: { [type]: { schema: { type: 'string' } } } }
}

/** Whether Ajv is to leave a schema alone. */
export function isDocumentedOnly(schema: unknown): boolean {
  return typeof schema === 'object' && schema !== null && DOCUMENTED_ONLY in schema
}

export interface Described {
  readonly version: string
  readonly title: string
  readonly services: readonly { readonly name: string; readonly title: string }[]
}

const OWN_TAGS = [
  { name: 'health', description: 'Liveness, readiness and metrics' },
  { name: 'auth', description: 'Tokens for clients' },
  { name: 'open inference protocol', description: 'Tensors in, tensors out (KServe, Triton)' },
  { name: 'manage', description: 'Services, versions, predictions, jobs, clients and users' },
]

const DESCRIPTION =
  'Typed, versioned, monitored inference. Every prediction answers with the headers `x-duga-prediction` ' +
  '(its id in the history) and `x-duga-version` (the model that answered).'

/** What `security` in a route's schema may name. */
const SECURITY_SCHEMES = {
  client: {
    type: 'oauth2',
    description: 'A client, made with `npx duga client add`.',
    flows: {
      clientCredentials: {
        tokenUrl: '/auth/token',
        scopes: {
          predict: 'Predict and read the history',
          train: 'Start a training',
          manage: 'All of /manage',
        } satisfies Record<Scope, string>,
      },
    },
  },
  user: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'The token of a user, as a log-in answers it.',
  },
  admin: {
    type: 'http',
    scheme: 'bearer',
    description: 'The admin token: `DUGA_ADMIN_TOKEN`, or the one made at the first start.',
  },
} as const

/**
 * Collects the routes that are registered after it, for `app.openApi()`. The document is made when it is first asked
 * for, on an app of its own that has these routes: making it at every start would cost the start a tenth.
 */
export function collectRoutes(app: FastifyInstance, described: Described): void {
  const routes: RouteOptions[] = []
  let document: Promise<Document> | undefined
  app.addHook('onRoute', (route) => {
    if (route.method !== 'HEAD') routes.push(route)
  })
  app.decorate('openApi', () => {
    document ??= describe(routes, described)
    return document
  })
}

async function describe(
  routes: readonly RouteOptions[],
  { version, title, services }: Described,
): Promise<Document> {
  const { default: swagger } = await import('@fastify/swagger')
  const app = Fastify({ exposeHeadRoutes: false, routerOptions: { maxParamLength: 16_384 } })
  app.setValidatorCompiler(() => () => true)
  app.setSerializerCompiler(() => JSON.stringify)
  const tags = services.map(({ name, title: description }) => ({ name, description }))
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title, version, description: DESCRIPTION },
      tags: [...tags, ...OWN_TAGS],
      components: {
        securitySchemes: SECURITY_SCHEMES,
      },
    },
    hideUntagged: false,
    transform: ({ schema, url, route }) => {
      const { errorBody } = (route.config ?? {}) as FastifyContextConfig
      return { schema: withErrors(withoutMarks(schema ?? {}), url, errorBody), url }
    },
    transformObject: (document) =>
      'openapiObject' in document
        ? completeDocument(document.openapiObject)
        : document.swaggerObject,
  })
  for (const { method, url, schema, config } of routes) {
    app.route({ method, url, ...(schema && { schema }), ...(config && { config }), handler: idle })
  }
  await app.ready()
  return app.swagger() as unknown as Document
}

const idle = (): null => null

interface Tagged {
  readonly tags?: readonly string[]
  readonly security?: readonly Readonly<Record<string, unknown>>[]
}

export type Document = Readonly<Record<string, unknown>> & {
  readonly paths?: Readonly<Record<string, Readonly<Record<string, Tagged>>>>
  readonly tags?: readonly { readonly name: string }[]
  readonly components?: { readonly securitySchemes?: Readonly<Record<string, unknown>> }
}

/** The part of a document that lies under a prefix, as a document of its own. */
export function underPrefix(document: Document, prefix: string, title: string): Document {
  const paths = Object.entries(document.paths ?? {}).filter(
    ([path]) => path === prefix || path.startsWith(`${prefix}/`),
  )
  const operations = paths.flatMap(([, methods]) => Object.values(methods))
  const tags = new Set(operations.flatMap(({ tags = [] }) => tags))
  const schemes = new Set(operations.flatMap(({ security = [] }) => security.flatMap(Object.keys)))
  const { components } = document
  return {
    ...document,
    info: { ...(document.info as object), title },
    tags: (document.tags ?? []).filter(({ name }) => tags.has(name)),
    components: {
      ...components,
      securitySchemes: Object.fromEntries(
        Object.entries(components?.securitySchemes ?? {}).filter(([name]) => schemes.has(name)),
      ),
    },
    paths: Object.fromEntries(paths),
  }
}

function withoutMarks<T extends object>(schema: T): T {
  const { body, ...rest } = schema as T & { body?: Record<string, unknown> }
  if (!isDocumentedOnly(body)) return schema
  const { [DOCUMENTED_ONLY]: _mark, ...shown } = body as Record<string, unknown>
  return { ...rest, body: shown } as unknown as T
}
