// What OpenAPI says beyond the schemas that validate: errors of every route, names of operations, words for answers.
// It only documents; nothing here changes what a route takes or sends.
import type { FastifyInstance, FastifySchema } from 'fastify'

type Schema = Readonly<Record<string, unknown>>

interface ErrorBody {
  readonly type: string
  readonly schema: Schema
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Body of the route's errors, for the OpenAPI document. */
    errorBody?: ErrorBody
  }
}

const PROBLEM: ErrorBody = {
  type: 'application/problem+json',
  schema: {
    type: 'object',
    description: 'Problem details (RFC 9457).',
    required: ['type', 'title', 'status', 'detail', 'code'],
    properties: {
      type: { type: 'string', example: 'urn:duga:error:request.not-found' },
      title: { type: 'string' },
      status: { type: 'integer' },
      detail: { type: 'string', description: 'What is wrong.' },
      code: { type: 'string', description: 'Stable; the error page lists all.' },
      help: { type: 'string', description: 'What to do.' },
      errors: {
        type: 'array',
        items: {
          type: 'object',
          properties: { pointer: { type: 'string' }, detail: { type: 'string' } },
        },
      },
    },
  },
}

const WORDS: Readonly<Record<string, string>> = {
  200: 'The answer.',
  201: 'It was made.',
  202: 'It was accepted and runs in the background.',
  204: 'It is gone.',
  400: 'The request is wrong.',
  401: 'There is no valid token.',
  '4XX': 'The request is wrong; the body says in what.',
  503: 'Not now.',
  '5XX': 'The service cannot answer now: no model, too many requests, or a fault of its own.',
}

const NO_WORDS = 'Default Response'

/** Names the error body of every JSON route that is registered on this app from now on. */
export function documentErrors(app: FastifyInstance, schema: Schema): void {
  app.addHook('onRoute', (route) => {
    route.config = { ...route.config, errorBody: { type: 'application/json', schema } }
  })
}

/** Adds the errors that a route's own schema leaves out; 4XX only where a request can be wrong. */
export function withErrors(
  schema: FastifySchema,
  url: string,
  body: ErrorBody = PROBLEM,
): FastifySchema {
  const response = (schema.response ?? {}) as Schema
  const has = (digit: string) =>
    Object.keys(response).some((status) => /^\dxx$/i.test(status) && status.startsWith(digit))
  const { body: taken, params, querystring, security } = schema as Schema
  const canBeWrong = url.includes(':') || [taken, params, querystring, security].some(Boolean)
  const content = { [body.type]: { schema: body.schema } }
  return {
    ...schema,
    response: {
      ...(!Object.keys(response).some((status) => status.startsWith('2')) && {
        200: { description: WORDS[200] },
      }),
      ...response,
      ...(canBeWrong && !has('4') && { '4xx': { description: WORDS['4XX'], content } }),
      ...(!has('5') && { '5xx': { description: WORDS['5XX'], content } }),
    },
  }
}

interface Operation {
  operationId?: string
  readonly responses?: Readonly<Record<string, { description?: string }>>
}

/** Gives every operation its name, made of method and path, and every answer its words. Changes the document. */
export function completeDocument<Document extends object>(document: Document): Document {
  const { paths = {} } = document as { paths?: Record<string, Record<string, Operation>> }
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      operation.operationId ??= toOperationId(method, path)
      for (const [status, response] of Object.entries(operation.responses ?? {})) {
        if (response.description !== NO_WORDS) continue
        response.description = WORDS[status] ?? WORDS[`${status[0]}XX`] ?? WORDS[200]!
      }
    }
  }
  return document
}

/** `post /v2/models/{name}/infer` → `postV2ModelsByNameInfer` */
function toOperationId(method: string, path: string): string {
  const words = path
    .replaceAll(/\{(\w+)\}/g, 'by $1')
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '')
  const name = words.map((word) => word[0]!.toUpperCase() + word.slice(1)).join('')
  return method + (name === '' ? 'Root' : name)
}
