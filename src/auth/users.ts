// People who log in: registration, login, refresh, logout and change of password, with the tokens of the dog contract.
import { DugaError } from '../errors.ts'
import type { UserRow } from '../store/users.ts'
import { hashSecret, verifySecret } from './hash.ts'
import type { Lockout } from './lockout.ts'
import type { UserPrincipal } from './principal.ts'
import { checkPassword, checkUsername } from './rules.ts'
import { createUserTokens, type TokenPair, type UserTokensOptions } from './user-tokens.ts'
import { isWerkzeugHash } from './werkzeug-hash.ts'

/** A user as others may see it. */
export interface UserInfo {
  readonly id: number
  readonly username: string
  readonly active: boolean
  /** Milliseconds since the Unix epoch. */
  readonly created: number
}

export interface Users {
  /** @throws DugaError `username.invalid`, `password.weak`, `user.exists`, `overloaded` */
  register(username: string, password: string): Promise<UserInfo>
  /** Gives a fresh access token. @throws DugaError `user.invalid`, `user.locked`, `overloaded` */
  login(username: string, password: string): Promise<TokenPair>
  /** An access token that is not fresh, for a refresh token. @throws DugaError `token.*` */
  refresh(refreshToken: string): Promise<{ readonly accessToken: string }>
  /** Revokes an access or refresh token. @throws DugaError `token.*` */
  logout(token: string): Promise<void>
  /**
   * Needs a fresh token; all the user's tokens die.
   * @throws DugaError `token.not-fresh`, `user.invalid`, `user.locked`, `password.weak`
   */
  changePassword(principal: UserPrincipal, password: string, newPassword: string): Promise<void>
  /**
   * Who an access token speaks for.
   * @throws DugaError `token.invalid`, `token.expired`, `token.revoked`, `token.not-fresh`
   */
  verify(token: string, options?: { readonly fresh?: boolean }): Promise<UserPrincipal>
  get(id: number): Promise<UserInfo | null>
  list(options?: { readonly after?: number; readonly limit?: number }): Promise<UserInfo[]>
  /** The user's tokens die at once. @throws DugaError `user.unknown` */
  deactivate(id: number): Promise<UserInfo>
  /** Forgets what was verified: called when another process changed something. */
  forgetVerified(): void
}

export interface UsersOptions extends UserTokensOptions {
  readonly lockout: Lockout
}

export function createUsers(options: UsersOptions): Users {
  const { store } = options
  const tokens = createUserTokens(options)
  const authenticate = createAuthenticate(options)
  return {
    register: async (username, password) => {
      checkUsername(username)
      checkPassword(password, username)
      return toInfo(await store.add(username, await hashSecret(password)))
    },
    login: async (username, password) => tokens.pair(await authenticate(username, password)),
    refresh: tokens.refresh,
    logout: tokens.revoke,
    changePassword: async ({ userId, fresh }, password, newPassword) => {
      if (!fresh) throw new DugaError('token.not-fresh')
      const user = await store.get(userId)
      if (user === null) throw new DugaError('token.revoked')
      await authenticate(user.username, password)
      checkPassword(newPassword, user.username)
      await store.setPassword(userId, await hashSecret(newPassword))
      tokens.forgetVerified()
    },
    verify: async (token, { fresh = false } = {}) => {
      const principal = await tokens.verify(token)
      if (fresh && !principal.fresh) throw new DugaError('token.not-fresh')
      return principal
    },
    get: async (id) => {
      const user = await store.get(id)
      return user === null ? null : toInfo(user)
    },
    list: async (page) => (await store.list(page)).map(toInfo),
    deactivate: async (id) => {
      const user = await store.setActive(id, false)
      tokens.forgetVerified()
      return toInfo(user)
    },
    forgetVerified: tokens.forgetVerified,
  }
}

/** Compares a password; the same work and the same answer for names that are not there. */
function createAuthenticate({ store, lockout }: UsersOptions) {
  return async (username: string, password: string): Promise<UserRow> => {
    const user = await lockout.attempt(username, async () => {
      const found = await store.find(username)
      const right = await verifySecret(password, found?.passwordHash ?? null)
      return right && found?.active ? found : null
    })
    if (user === null) throw new DugaError('user.invalid')
    const { id, passwordHash } = user
    // Brought over from an old back end: from now on it is one of ours.
    if (isWerkzeugHash(passwordHash)) {
      await store.replaceHash(id, passwordHash, await hashSecret(password))
    }
    return user
  }
}

function toInfo({ id, username, active, created }: UserRow): UserInfo {
  return { id, username, active, created }
}
