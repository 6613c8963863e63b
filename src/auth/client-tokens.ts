// The access tokens of clients: granted with scopes, checked against the client's row, remembered while verified.
import type { Clock } from '../clock.ts'
import { DugaError } from '../errors.ts'
import type { ClientRow, ClientStore } from '../store/clients.ts'
import type { ClientPrincipal } from './principal.ts'
import { createTokenSigner } from './tokens.ts'
import { createVerifiedCache } from './verified-cache.ts'

export interface GrantedToken {
  readonly accessToken: string
  /** Seconds. */
  readonly expiresIn: number
  /** Separated by blanks. */
  readonly scope: string
}

export interface ClientTokensOptions {
  readonly store: ClientStore
  readonly clock: Clock
  /** Key of the tokens. */
  readonly secretKey: string
  readonly accessTokenMinutes: number
}

export interface ClientTokens {
  /** @throws DugaError `scope.invalid` */
  grant(client: ClientRow, scope: string | undefined): Promise<GrantedToken>
  peek(token: string): ClientPrincipal | undefined
  verify(token: string): Promise<ClientPrincipal>
  forgetVerified(): void
}

export function createClientTokens(options: ClientTokensOptions): ClientTokens {
  const { store, clock } = options
  const signer = createTokenSigner(options.secretKey, 'clients', clock)
  const cache = createVerifiedCache<ClientPrincipal>()
  const expiresIn = options.accessTokenMinutes * 60
  const check = async (token: string) => {
    const claims = await signer.verify(token)
    const client = await store.get(claims.sub)
    if (client === null || !client.active || client.generation !== claims.gen) {
      throw new DugaError('token.revoked')
    }
    const scopes = claims.scope.split(' ').filter((scope) => client.scopes.includes(scope))
    const value: ClientPrincipal = { kind: 'client', clientId: client.id, scopes }
    return { value, expires: claims.exp * 1000 }
  }
  return {
    grant: async (client, asked) => {
      const scope = grantScopes(client, asked)
      const claims = {
        sub: client.id,
        type: 'access',
        fresh: true,
        gen: client.generation,
      } as const
      return { accessToken: await signer.sign({ ...claims, scope }, expiresIn), expiresIn, scope }
    },
    peek: (token) => cache.get(token, clock.now()),
    verify: async (token) =>
      cache.get(token, clock.now()) ?? (await cache.load(token, () => check(token))),
    forgetVerified: () => cache.clear(),
  }
}

function grantScopes(client: ClientRow, asked: string | undefined): string {
  const scopes = (asked ?? '').split(' ').filter((scope) => scope !== '')
  const foreign = scopes.find((scope) => !client.scopes.includes(scope))
  if (foreign !== undefined) throw new DugaError('scope.invalid', { scope: foreign })
  return (scopes.length === 0 ? client.scopes : [...new Set(scopes)]).join(' ')
}
