// Who a verified token speaks for.

export const SCOPES = ['predict', 'train', 'manage'] as const
export type Scope = (typeof SCOPES)[number]

export interface ClientPrincipal {
  readonly kind: 'client'
  readonly clientId: string
  readonly scopes: readonly string[]
}

export interface UserPrincipal {
  readonly kind: 'user'
  readonly userId: number
  /** From a login, not from a refresh. */
  readonly fresh: boolean
}

export type Principal = ClientPrincipal | UserPrincipal
