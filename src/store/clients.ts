// Rows of clients (programs that call). Secrets arrive hashed.
import type { Clock } from '../clock.ts'
import { DugaError } from '../errors.ts'
import type { Database } from './database.ts'
import { isDuplicate } from './database-errors.ts'
import { countUp } from './revisions.ts'
import { transact } from './transact.ts'

export interface ClientRow {
  readonly id: string
  readonly name: string
  readonly secretHash: string
  readonly scopes: readonly string[]
  readonly active: boolean
  /** Tokens made under an earlier generation are void. */
  readonly generation: number
  /** Milliseconds since the Unix epoch. */
  readonly created: number
}

export interface ClientStore {
  /** @throws DugaError `client.exists` */
  add(client: {
    readonly id: string
    readonly name: string
    readonly secretHash: string
    readonly scopes: readonly string[]
  }): Promise<ClientRow>
  get(id: string): Promise<ClientRow | null>
  /** By id. @param options.after ids above this one; limit default 100 */
  list(options?: { readonly after?: string; readonly limit?: number }): Promise<ClientRow[]>
  /** Also voids the client's tokens. @throws DugaError `client.unknown` */
  setSecret(id: string, secretHash: string): Promise<ClientRow>
  /** Also voids the client's tokens. @throws DugaError `client.unknown` */
  setActive(id: string, active: boolean): Promise<ClientRow>
}

export function createClientStore(db: Database, clock: Clock): ClientStore {
  const { kysely } = db
  const select = () => kysely.selectFrom('clients').selectAll()
  const get: ClientStore['get'] = async (id) => {
    const row = await select().where('id', '=', id).executeTakeFirst()
    return row === undefined ? null : toClient(row)
  }
  const update = async (id: string, set: { secret_hash?: string; active?: number }) => {
    await transact(kysely, async (transaction) => {
      await transaction
        .updateTable('clients')
        .set((row) => ({ ...set, generation: row('generation', '+', 1) }))
        .where('id', '=', id)
        .execute()
      await countUp(transaction, 'auth')
    })
    const client = await get(id)
    if (client === null) throw new DugaError('client.unknown', { client: id })
    return client
  }
  return {
    get,
    add: async ({ id, name, secretHash, scopes }) => {
      try {
        const row = {
          id,
          name,
          secret_hash: secretHash,
          scope: scopes.join(' '),
          active: 1,
          generation: 0,
          created: clock.now(),
        }
        await kysely.insertInto('clients').values(row).execute()
      } catch (error) {
        if (!isDuplicate(error)) throw error
        throw new DugaError('client.exists', { client: id }, { cause: error })
      }
      return (await get(id))!
    },
    list: async ({ after = '', limit = 100 } = {}) => {
      const rows = await select().where('id', '>', after).orderBy('id').limit(limit).execute()
      return rows.map(toClient)
    },
    setSecret: (id, secretHash) => update(id, { secret_hash: secretHash }),
    setActive: (id, active) => update(id, { active: active ? 1 : 0 }),
  }
}

function toClient(row: {
  id: string
  name: string
  secret_hash: string
  scope: string
  active: number
  generation: number
  created: number
}): ClientRow {
  return {
    id: row.id,
    name: row.name,
    secretHash: row.secret_hash,
    scopes: row.scope === '' ? [] : row.scope.split(' '),
    active: row.active === 1,
    generation: row.generation,
    created: Number(row.created),
  }
}
