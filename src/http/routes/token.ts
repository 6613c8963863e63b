// The token endpoint of OAuth 2.0 (RFC 6749, sections 4.4, 5.1, 5.2): client credentials by Basic or form.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Clients } from '../../auth/clients.ts'
import { DugaError } from '../../errors.ts'
import { documentErrors } from '../plugins/complete-document.ts'
import { documentedSchema } from '../plugins/openapi.ts'
import { prepareErrorReply, presentError, refuseUnknown } from '../present-error.ts'

type Form = Readonly<Record<string, unknown>>

const ERROR_SCHEMA = {
  type: 'object',
  properties: { error: { type: 'string' }, error_description: { type: 'string' } },
}

const schema = {
  tags: ['auth'],
  summary: 'A token for a client (client credentials)',
  consumes: ['application/x-www-form-urlencoded'],
  body: documentedSchema({
    type: 'object',
    required: ['grant_type'],
    properties: {
      grant_type: { type: 'string', enum: ['client_credentials'] },
      client_id: { type: 'string' },
      client_secret: { type: 'string' },
      scope: { type: 'string' },
    },
  }),
  response: {
    200: {
      type: 'object',
      properties: {
        access_token: { type: 'string' },
        token_type: { type: 'string' },
        expires_in: { type: 'integer' },
        scope: { type: 'string' },
      },
    },
    '4xx': ERROR_SCHEMA,
  },
}

/** Registers `POST /auth/token`; all below `/auth` is refused as OAuth refuses. */
export async function tokenRoutes(app: FastifyInstance, clients: Clients): Promise<void> {
  const routes = async (scope: FastifyInstance): Promise<void> => {
    scope.setErrorHandler(sendOAuthError)
    documentErrors(scope, ERROR_SCHEMA)
    scope.setNotFoundHandler(refuseUnknown)
    scope.post('/token', { schema }, async (request, reply) => {
      const { id, secret } = credentialsOf(request)
      const { grant_type: grantType, scope: wanted } = formOf(request)
      if (grantType === undefined) throw new OAuthError('invalid_request', 'grant_type is missing')
      if (grantType !== 'client_credentials') {
        throw new OAuthError('unsupported_grant_type', 'grant_type must be client_credentials')
      }
      const token = await clients.grant(id, secret, textOf('scope', wanted))
      return reply.header('cache-control', 'no-store').send({
        access_token: token.accessToken,
        token_type: 'bearer',
        expires_in: token.expiresIn,
        scope: token.scope,
      })
    })
  }
  await app.register(routes, { prefix: '/auth' })
}

class OAuthError extends Error {
  readonly error: string
  constructor(error: string, description: string) {
    super(description)
    this.error = error
  }
}

function formOf(request: FastifyRequest): Form {
  const { body } = request
  return typeof body === 'object' && body !== null ? (body as Form) : {}
}

/** RFC 6749, 2.3.1: Basic with both halves form-encoded, or the two fields; never both. */
function credentialsOf(request: FastifyRequest): { id: string; secret: string } {
  const { client_id: formId, client_secret: formSecret } = formOf(request)
  const basic = /^Basic +([A-Za-z0-9+/]+=*)$/i.exec(request.headers.authorization ?? '')
  if (basic) {
    if (formSecret !== undefined) {
      throw new OAuthError('invalid_request', 'use either HTTP Basic or the form, not both')
    }
    const text = Buffer.from(basic[1]!, 'base64').toString('utf8')
    const colon = text.indexOf(':')
    if (colon < 0) throw new DugaError('client.invalid')
    return { id: formDecode(text.slice(0, colon)), secret: formDecode(text.slice(colon + 1)) }
  }
  const id = textOf('client_id', formId)
  const secret = textOf('client_secret', formSecret)
  if (id === undefined && secret === undefined && request.headers.authorization === undefined) {
    throw new OAuthError('invalid_request', 'client_id and client_secret are missing')
  }
  return { id: id ?? '', secret: secret ?? '' }
}

function textOf(name: string, value: unknown): string | undefined {
  if (value === undefined || typeof value === 'string') return value
  throw new OAuthError('invalid_request', `${name} must be given once`)
}

function formDecode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    // Clients that do not encode (curl -u) send a bare %; what they meant is the text itself.
    return text
  }
}

async function sendOAuthError(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  reply.header('cache-control', 'no-store')
  if (error instanceof OAuthError) {
    return reply.code(400).send({ error: error.error, error_description: error.message })
  }
  const presented = presentError(error)
  prepareErrorReply(error, presented, request, reply)
  if (presented.code === 'client.invalid') {
    return reply
      .header('www-authenticate', 'Basic realm="duga"')
      .send({ error: 'invalid_client', error_description: presented.message })
  }
  const name =
    presented.code === 'scope.invalid'
      ? 'invalid_scope'
      : presented.status >= 500
        ? 'server_error'
        : 'invalid_request'
  if (presented.code === 'scope.invalid') reply.code(400)
  return reply.send({ error: name, error_description: presented.message })
}
