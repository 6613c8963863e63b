// The tokens of users: an access token for 3 days, a refresh token for 30, as Flask-JWT-Extended makes them.
// Checked against the user's row and the revoked tokens; what was verified is remembered until something is revoked.
import type { Clock } from '../clock.ts'
import { DugaError } from '../errors.ts'
import type { RevocationStore } from '../store/revocations.ts'
import type { UserRow, UserStore } from '../store/users.ts'
import type { UserPrincipal } from './principal.ts'
import { createTokenSigner, type TokenClaims } from './tokens.ts'
import { createVerifiedCache } from './verified-cache.ts'

export interface TokenPair {
  readonly accessToken: string
  readonly refreshToken: string
}

export interface UserTokensOptions {
  readonly store: UserStore
  readonly revocations: RevocationStore
  readonly clock: Clock
  /** Key of the tokens. */
  readonly jwtSecretKey: string
  /** Seconds; default 3 days. */
  readonly accessLifetime?: number
  /** Seconds; default 30 days. */
  readonly refreshLifetime?: number
}

export interface UserTokens {
  /** After a login: the access token is fresh. */
  pair(user: UserRow): Promise<TokenPair>
  refresh(refreshToken: string): Promise<{ readonly accessToken: string }>
  verify(token: string): Promise<UserPrincipal>
  /** Ends one access or refresh token. */
  revoke(token: string): Promise<void>
  forgetVerified(): void
}

const DAY = 86_400

export function createUserTokens(options: UserTokensOptions): UserTokens {
  const { store, revocations, clock, accessLifetime = 3 * DAY } = options
  const signer = createTokenSigner(options.jwtSecretKey, 'users', clock)
  const cache = createVerifiedCache<UserPrincipal>()
  const sign = ({ id, generation }: UserRow, type: TokenClaims['type'], fresh: boolean) =>
    signer.sign(
      { sub: String(id), type, fresh, gen: generation, scope: '' },
      type === 'access' ? accessLifetime : (options.refreshLifetime ?? 30 * DAY),
    )
  /** The token's claims and its user, if neither was revoked. */
  const check = async (token: string) => {
    const claims = await signer.verify(token)
    const user = await store.get(Number(claims.sub))
    const dead = user === null || !user.active || user.generation !== claims.gen
    if (dead || (await revocations.has(claims.jti))) throw new DugaError('token.revoked')
    return { claims, user }
  }
  const checkAccess = async (token: string) => {
    const { claims, user } = await check(token)
    if (claims.type !== 'access') throw new DugaError('token.invalid')
    const value: UserPrincipal = { kind: 'user', userId: user.id, fresh: claims.fresh }
    return { value, expires: claims.exp * 1000 }
  }
  return {
    pair: async (user) => ({
      accessToken: await sign(user, 'access', true),
      refreshToken: await sign(user, 'refresh', false),
    }),
    refresh: async (refreshToken) => {
      const { claims, user } = await check(refreshToken)
      if (claims.type !== 'refresh') throw new DugaError('token.invalid')
      return { accessToken: await sign(user, 'access', false) }
    },
    verify: async (token) =>
      cache.get(token, clock.now()) ?? (await cache.load(token, () => checkAccess(token))),
    revoke: async (token) => {
      const { claims } = await check(token)
      await revocations.add(claims.jti, claims.exp * 1000)
      cache.clear()
    },
    forgetVerified: () => cache.clear(),
  }
}
