// Who may use /manage: the holder of the admin token, or a client whose token has the scope manage.
import { createHash, timingSafeEqual } from 'node:crypto'
import { DugaError } from '../errors.ts'
import type { Clients } from './clients.ts'
import type { ClientPrincipal } from './principal.ts'

export type AdminPrincipal = { readonly kind: 'admin' } | ClientPrincipal

/**
 * Makes the check of a Bearer token.
 * @returns a function that throws DugaError `token.missing`, `token.*`, `scope.missing`
 */
export function createRequireAdmin(
  adminToken: string,
  clients: Clients,
): (token: string | undefined) => Promise<AdminPrincipal> {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  const expected = digest(adminToken)
  return async (token) => {
    if (token === undefined || token === '') throw new DugaError('token.missing')
    // Digests have one length, so the comparison takes the same time whatever was sent.
    if (timingSafeEqual(digest(token), expected)) return { kind: 'admin' }
    return requireScope(await clients.verify(token), 'manage')
  }
}

/** @throws DugaError `scope.missing` */
export function requireScope(principal: ClientPrincipal, scope: string): ClientPrincipal {
  if (principal.scopes.includes(scope)) return principal
  throw new DugaError('scope.missing', { scope })
}

/** The token of an `Authorization` header; undefined where there is none or it is of another kind. */
export function bearerToken(header: string | undefined): string | undefined {
  if (header === undefined || !/^bearer /i.test(header)) return undefined
  return header.slice(7).trim() || undefined
}
