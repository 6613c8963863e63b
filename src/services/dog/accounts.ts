// Registration, login and what a user does with a token. The old API left these routes to its reader.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { FileInput } from '../../engine/service.ts'
import type { ServiceKit } from '../../http/kit.ts'
import { documentedSchema } from '../../http/plugins/openapi.ts'
import type { DogAnswer } from './answer.ts'
import { readBearer, requireUser } from './callers.ts'
import { HISTORY_ITEM_SCHEMA, toHistoryBody } from './history.ts'

type Kit = ServiceKit<FileInput, DogAnswer>

const MESSAGE = { type: 'object', properties: { message: { type: 'string' } } } as const
const TOKEN = { type: 'string', description: 'JWT, for `Authorization: Bearer`.' } as const
const ACCESS = { type: 'object', properties: { access_token: TOKEN } } as const
const BOTH = { type: 'object', properties: { ...ACCESS.properties, refresh_token: TOKEN } } as const
const REGISTERED = {
  type: 'object',
  properties: {
    ...MESSAGE.properties,
    id: { type: 'integer' },
    username: { type: 'string' },
  },
} as const
const SECURED = { security: [{ user: [] }] }

export function accountRoutes(app: FastifyInstance, kit: Kit): void {
  credentialRoutes(app, kit)
  tokenRoutes(app, kit)
  const schema = {
    tags: ['dog'],
    summary: "The caller's own predictions, newest first",
    ...SECURED,
    response: { 200: { type: 'array', items: HISTORY_ITEM_SCHEMA } },
  }
  app.get('/api/history/me', { schema }, async (request) => {
    const { userId } = await requireUser(kit, request)
    return (await kit.stores.dogHistory.list({ userId })).map(toHistoryBody)
  })
}

function credentialRoutes(app: FastifyInstance, { users }: Kit): void {
  const body = textFields('username', 'password')
  const register = schema('Register a user', { 201: REGISTERED }, body)
  app.post('/api/register', { schema: register }, async (request, reply) => {
    const fields = readFields(request, reply, ['username', 'password'])
    if (fields === null) return reply
    const { id, username } = await users.register(fields.username, fields.password)
    return reply.code(201).send({ message: 'Pendaftaran berhasil.', id, username })
  })
  app.post(
    '/api/login',
    { schema: schema('Log in', { 200: BOTH }, body) },
    async (request, reply) => {
      const fields = readFields(request, reply, ['username', 'password'])
      if (fields === null) return reply
      const tokens = await users.login(fields.username, fields.password)
      return { access_token: tokens.accessToken, refresh_token: tokens.refreshToken }
    },
  )
}

function tokenRoutes(app: FastifyInstance, kit: Kit): void {
  const { users } = kit
  const secured = (summary: string, answer: object) => ({
    schema: { ...schema(summary, { 200: answer }), ...SECURED },
  })
  const refresh = secured('A new access token for a refresh token', ACCESS)
  app.post('/api/refresh', refresh, async (request) => ({
    access_token: (await users.refresh(readBearer(request))).accessToken,
  }))
  app.post('/api/logout', secured('Revoke the token', MESSAGE), async (request) => {
    await users.logout(readBearer(request))
    return { message: 'Anda telah keluar.' }
  })
  const body = textFields('password', 'new_password')
  const changed = schema('Change the password', { 200: MESSAGE }, body)
  const password = { schema: { ...changed, ...SECURED } }
  app.post('/api/password', password, async (request, reply) => {
    const principal = await requireUser(kit, request, { fresh: true })
    const fields = readFields(request, reply, ['password', 'new_password'])
    if (fields === null) return reply
    await users.changePassword(principal, fields.password, fields.new_password)
    return { message: 'Kata sandi telah diganti. Mohon login kembali.' }
  })
}

function schema(
  summary: string,
  answer: Readonly<Record<number, object>>,
  body?: Record<string, unknown>,
): Record<string, unknown> {
  return { tags: ['dog'], summary, ...(body && { body }), response: { ...answer, 401: MESSAGE } }
}

function textFields(...names: readonly string[]): Record<string, unknown> {
  const properties = Object.fromEntries(names.map((name) => [name, { type: 'string' }]))
  return documentedSchema({ type: 'object', properties, required: names })
}

/** The text fields of a JSON or form body; without them a 400 is sent and null returned. */
function readFields<K extends string>(
  { body }: FastifyRequest,
  reply: FastifyReply,
  names: readonly K[],
): Record<K, string> | null {
  const fields = Object(body) as Partial<Record<K, unknown>>
  if (names.every((name) => typeof fields[name] === 'string' && fields[name] !== '')) {
    return fields as Record<K, string>
  }
  const error = `${names.join(' dan ')} wajib diisi sebagai teks.`
  reply.code(400).send({ error, message: error })
  return null
}
