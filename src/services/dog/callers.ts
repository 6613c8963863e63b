// Who calls the dog API: a user by a Bearer token, a client where the history is closed, or a guest.
import type { FastifyRequest } from 'fastify'
import type { UserPrincipal } from '../../auth/principal.ts'
import { DugaError, type ErrorCode } from '../../errors.ts'
import type { ServiceKit } from '../../http/kit.ts'

/** The old API's words for a token that does not do. */
export const TOKEN_MESSAGES: Partial<Record<ErrorCode, string>> = {
  'token.missing': 'Token akses hilang atau tidak valid. Mohon login.',
  'token.invalid': 'Token akses tidak valid atau telah kadaluarsa. Mohon login kembali.',
  'token.expired': 'Token akses tidak valid atau telah kadaluarsa. Mohon login kembali.',
  'token.not-fresh': 'Token segar diperlukan untuk mengakses rute ini.',
  'token.revoked': 'Token akses telah dicabut.',
}

type Kit = Pick<ServiceKit<unknown, unknown>, 'users' | 'requireClient'>

/** @throws DugaError token.missing */
export function readBearer(request: FastifyRequest): string {
  const token = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1]
  if (token === undefined) throw new DugaError('token.missing')
  return token
}

/** @throws DugaError token.* */
export async function requireUser(
  { users }: Kit,
  request: FastifyRequest,
  options: { readonly fresh?: boolean } = {},
): Promise<UserPrincipal> {
  return users.verify(readBearer(request), options)
}

/** The id of the caller whose token is valid; null for a guest, who may have a bad token or none. */
export async function findUserId({ users }: Kit, request: FastifyRequest): Promise<number | null> {
  try {
    return (await users.verify(readBearer(request))).userId
  } catch (error) {
    if (error instanceof DugaError && error.code in TOKEN_MESSAGES) return null
    throw error
  }
}

/** A user's token or that of a client who may predict. @throws DugaError token.*, scope.missing */
export async function requireReader(kit: Kit, request: FastifyRequest): Promise<void> {
  if ((await findUserId(kit, request)) !== null) return
  await kit.requireClient(request, 'predict')
}
