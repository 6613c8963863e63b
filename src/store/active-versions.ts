// Which version of each service is active, changed by compare-and-set, and the log of those changes.
import type { Clock } from '../clock.ts'
import type { Database } from './database.ts'
import { countUp } from './revisions.ts'
import { transact } from './transact.ts'

export interface ActiveVersion {
  readonly service: string
  readonly version: string
  /** Counts the service's promotions from 1; the compare-and-set goes by it. */
  readonly revision: number
}

export type PromotionKind = 'promote' | 'rollback'

export interface Promotion {
  readonly version: string
  readonly previous: string | null
  readonly kind: PromotionKind
  readonly forced: boolean
  /** Milliseconds since the Unix epoch. */
  readonly timestamp: number
}

export interface Activation {
  /** The revision that is to be replaced; 0 where no version was active yet. */
  readonly revision: number
  readonly kind: PromotionKind
  readonly forced?: boolean
}

export interface ActiveVersionStore {
  get(service: string): Promise<ActiveVersion | null>
  list(): Promise<ActiveVersion[]>
  /**
   * Makes a version active if the revision is still the given one and the version is there.
   * @returns whether it did
   */
  activate(service: string, version: string, activation: Activation): Promise<boolean>
  /** Oldest first. */
  promotions(service: string): Promise<Promotion[]>
}

export function createActiveVersionStore(db: Database, clock: Clock): ActiveVersionStore {
  const { kysely } = db
  const select = () =>
    kysely.selectFrom('active_versions').select(['service', 'version', 'revision'])
  return {
    get: async (service) => {
      const row = await select().where('service', '=', service).executeTakeFirst()
      return row === undefined ? null : { ...row }
    },
    // Copied, because rows of SQLite have no prototype.
    list: async () => (await select().orderBy('service').execute()).map((row) => ({ ...row })),
    activate: (service, version, activation) =>
      activate(db, { service, version, activation, now: clock.now() }),
    promotions: async (service) => {
      const rows = await kysely
        .selectFrom('promotions')
        .selectAll()
        .where('service', '=', service)
        .orderBy('revision')
        .execute()
      return rows.map((row) => ({
        version: row.version,
        previous: row.previous,
        kind: row.kind,
        forced: row.forced === 1,
        timestamp: Number(row.timestamp),
      }))
    },
  }
}

interface Change {
  readonly service: string
  readonly version: string
  readonly activation: Activation
  readonly now: number
}

async function activate({ kysely }: Database, change: Change): Promise<boolean> {
  const { service, version, activation, now } = change
  return transact(kysely, async (transaction) => {
    await countUp(transaction, 'registry')
    const target = await transaction
      .selectFrom('versions')
      .select('version')
      .where('service', '=', service)
      .where('version', '=', version)
      .where('state', '=', 'ready')
      .executeTakeFirst()
    const current = await transaction
      .selectFrom('active_versions')
      .selectAll()
      .where('service', '=', service)
      .executeTakeFirst()
    const revision = activation.revision + 1
    if (target === undefined || (current?.revision ?? 0) !== activation.revision) return false
    const row = { service, version, revision, updated: now }
    if (current === undefined) {
      await transaction.insertInto('active_versions').values(row).execute()
    } else {
      await transaction
        .updateTable('active_versions')
        .set(row)
        .where('service', '=', service)
        .execute()
    }
    await transaction
      .insertInto('promotions')
      .values({
        service,
        revision,
        version,
        previous: current?.version ?? null,
        kind: activation.kind,
        forced: activation.forced === true ? 1 : 0,
        timestamp: now,
      })
      .execute()
    return true
  })
}
