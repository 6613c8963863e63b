// `/manage/clients` and `/manage/users`: who may call.
import type { FastifyInstance } from 'fastify'
import type { ClientInfo, ClientWithSecret } from '../../../auth/clients.ts'
import type { UserInfo } from '../../../auth/users.ts'
import { DugaError } from '../../../errors.ts'
import type { AppParts } from '../../app-parts.ts'
import { pageOf, pageQuery } from './pages.ts'

const clientSchema = {
  type: 'object',
  properties: {
    client_id: { type: 'string' },
    client_secret: { type: 'string', description: 'Shown when it is made, never again.' },
    name: { type: 'string' },
    scope: { type: 'string' },
    active: { type: 'boolean' },
    created: { type: 'string' },
  },
}

const userSchema = {
  type: 'object',
  properties: {
    id: { type: 'integer' },
    username: { type: 'string' },
    active: { type: 'boolean' },
    created: { type: 'string' },
  },
}

const querystring = { type: 'object', properties: pageQuery }

interface PageQuery {
  readonly limit: number
  readonly cursor?: string
}

export function accountRoutes(app: FastifyInstance, { clients, users }: AppParts): void {
  app.get(
    '/clients',
    { schema: { summary: 'All clients', querystring, response: { 200: pageOf(clientSchema) } } },
    async (request) => {
      const { limit, cursor } = request.query as PageQuery
      const found = await clients.list({
        limit: limit + 1,
        ...(cursor !== undefined && { after: cursor }),
      })
      return toPage(found, limit, presentClient, (client) => client.id)
    },
  )
  const body = {
    type: 'object',
    required: ['name'],
    additionalProperties: false,
    properties: {
      name: { type: 'string', minLength: 1, maxLength: 255 },
      scope: { type: 'string', maxLength: 255, description: 'Separated by blanks.' },
    },
  }
  app.post(
    '/clients',
    { schema: { summary: 'Adds a client', body, response: { 201: clientSchema } } },
    async (request, reply) => {
      const { name, scope } = request.body as { name: string; scope?: string }
      const scopes = scope?.split(' ').filter((item) => item !== '')
      const made = await clients.add({ name, ...(scopes?.length && { scopes }) })
      return reply.code(201).header('cache-control', 'no-store').send(presentClient(made))
    },
  )
  app.post(
    '/clients/:id/rotate',
    { schema: { summary: 'A new secret', response: { 200: clientSchema } } },
    async (request, reply) => {
      reply.header('cache-control', 'no-store')
      return presentClient(await clients.rotate(idOf(request.params)))
    },
  )
  app.delete(
    '/clients/:id',
    { schema: { summary: 'Deactivates a client', response: { 200: clientSchema } } },
    async (request) => presentClient(await clients.deactivate(idOf(request.params))),
  )
  app.get(
    '/users',
    { schema: { summary: 'All users', querystring, response: { 200: pageOf(userSchema) } } },
    async (request) => {
      const { limit, cursor } = request.query as PageQuery
      const after = cursor === undefined ? undefined : toUserId(cursor)
      const found = await users.list({
        limit: limit + 1,
        ...(after !== undefined && { after }),
      })
      return toPage(found, limit, presentUser, (user) => String(user.id))
    },
  )
  app.delete(
    '/users/:id',
    { schema: { summary: 'Deactivates a user', response: { 200: userSchema } } },
    async (request) => presentUser(await users.deactivate(toUserId(idOf(request.params)))),
  )
}

function toPage<Item>(
  found: readonly Item[],
  limit: number,
  present: (item: Item) => unknown,
  cursorOf: (item: Item) => string,
): { items: unknown[]; next: string | null } {
  const items = found.slice(0, limit)
  return {
    items: items.map(present),
    next: found.length > limit ? cursorOf(items.at(-1)!) : null,
  }
}

function idOf(params: unknown): string {
  return (params as { readonly id: string }).id
}

function toUserId(text: string): number {
  const id = Number(text)
  if (!Number.isSafeInteger(id)) throw new DugaError('user.unknown', { id: text })
  return id
}

function presentClient(client: ClientInfo | ClientWithSecret): Record<string, unknown> {
  return {
    client_id: client.id,
    ...('secret' in client && { client_secret: client.secret }),
    name: client.name,
    scope: client.scopes.join(' '),
    active: client.active,
    created: new Date(client.created).toISOString(),
  }
}

function presentUser({ id, username, active, created }: UserInfo): Record<string, unknown> {
  return { id, username, active, created: new Date(created).toISOString() }
}
