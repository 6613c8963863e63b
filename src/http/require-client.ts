// The client of a request's Bearer token, with the scope that a route asks for.
import type { FastifyRequest } from 'fastify'
import { bearerToken, requireScope } from '../auth/admin.ts'
import type { Clients } from '../auth/clients.ts'
import type { Scope } from '../auth/principal.ts'
import { DugaError } from '../errors.ts'

/** @throws DugaError token.* (401), scope.missing (403) */
export async function requireClient(
  parts: { readonly clients: Clients },
  request: FastifyRequest,
  scope: Scope,
): Promise<{ readonly clientId: string }> {
  const token = bearerToken(request.headers.authorization)
  if (token === undefined) throw new DugaError('token.missing')
  // What was verified lately costs no wait.
  return requireScope(parts.clients.peek(token) ?? (await parts.clients.verify(token)), scope)
}
