// Programs that call: their secrets (shown once, stored hashed), scopes and tokens.
import { randomBytes } from 'node:crypto'
import { DugaError } from '../errors.ts'
import type { ClientRow } from '../store/clients.ts'
import { type ClientTokensOptions, createClientTokens, type GrantedToken } from './client-tokens.ts'
import { hashSecret, verifySecret } from './hash.ts'
import { type ClientPrincipal, SCOPES } from './principal.ts'

/** A client as others may see it. */
export interface ClientInfo {
  readonly id: string
  readonly name: string
  readonly scopes: readonly string[]
  readonly active: boolean
  /** Milliseconds since the Unix epoch. */
  readonly created: number
}

export interface ClientWithSecret extends ClientInfo {
  /** Shown this once. */
  readonly secret: string
}

export interface Clients {
  /**
   * @param client.id,client.secret made where left out
   * @param client.scopes default: predict and train
   * @throws DugaError `client.exists`, `scope.invalid`, `input.invalid`
   */
  add(client: {
    readonly name: string
    readonly id?: string
    readonly secret?: string
    readonly scopes?: readonly string[]
  }): Promise<ClientWithSecret>
  list(options?: { readonly after?: string; readonly limit?: number }): Promise<ClientInfo[]>
  /** Its tokens die at once. @throws DugaError `client.unknown` */
  deactivate(id: string): Promise<ClientInfo>
  /** A new secret; tokens made with the old one die at once. @throws DugaError `client.unknown` */
  rotate(id: string, secret?: string): Promise<ClientWithSecret>
  /**
   * The grant of RFC 6749, 4.4.
   * @param scope separated by blanks; all that the client has where left out
   * @throws DugaError `client.invalid`, `scope.invalid`, `overloaded`
   */
  grant(id: string, secret: string, scope?: string): Promise<GrantedToken>
  /** Who a token speaks for, where it was verified lately: at no cost, without waiting. */
  peek(token: string): ClientPrincipal | undefined
  /** @throws DugaError `token.invalid`, `token.expired`, `token.revoked` */
  verify(token: string): Promise<ClientPrincipal>
  /** Forgets what was verified: called when another process changed something. */
  forgetVerified(): void
}

export type ClientsOptions = ClientTokensOptions

export function createClients(options: ClientsOptions): Clients {
  const { store } = options
  const tokens = createClientTokens(options)
  return {
    add: async ({ name, id = newClientId(), secret = newSecret(), scopes = DEFAULT_SCOPES }) => {
      checkText('client_id', id)
      checkText('client_secret', secret)
      checkText('name', name)
      const foreign = scopes.find((scope) => !SCOPES.some((known) => known === scope))
      if (foreign !== undefined) throw new DugaError('scope.invalid', { scope: foreign })
      const row = await store.add({ id, name, scopes, secretHash: await hashSecret(secret) })
      return { ...toInfo(row), secret }
    },
    list: async (page) => (await store.list(page)).map(toInfo),
    deactivate: async (id) => {
      const row = await store.setActive(id, false)
      tokens.forgetVerified()
      return toInfo(row)
    },
    rotate: async (id, secret = newSecret()) => {
      checkText('client_secret', secret)
      // Before the hash, which is dear.
      if ((await store.get(id)) === null) throw new DugaError('client.unknown', { client: id })
      const row = await store.setSecret(id, await hashSecret(secret))
      tokens.forgetVerified()
      return { ...toInfo(row), secret }
    },
    grant: async (id, secret, scope) => {
      const client = await store.get(id)
      // The same work for an unknown id, so that time does not tell.
      const right = await verifySecret(secret, client?.secretHash ?? null)
      if (client === null || !right || !client.active) throw new DugaError('client.invalid')
      return tokens.grant(client, scope)
    },
    peek: tokens.peek,
    verify: tokens.verify,
    forgetVerified: tokens.forgetVerified,
  }
}

const DEFAULT_SCOPES = ['predict', 'train']

const newClientId = (): string => `client-${randomBytes(8).toString('hex')}`
const newSecret = (): string => randomBytes(32).toString('base64url')

/** RFC 6749, appendix A: printable ASCII in ids and secrets; names may hold more. */
function checkText(field: string, text: string): void {
  const printable = field === 'name' || /^[\x20-\x7e]*$/.test(text)
  if (text.length < 1 || text.length > 255 || !printable) {
    throw new DugaError('input.invalid', {
      reason: `${field} must be 1 to 255 printable characters`,
    })
  }
}

function toInfo({ id, name, scopes, active, created }: ClientRow): ClientInfo {
  return { id, name, scopes, active, created }
}
