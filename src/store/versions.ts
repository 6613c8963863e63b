// Rows of model versions. Which one is active stands in active-versions.ts; files and checks in registry/.
import type { Clock } from '../clock.ts'
import { DugaError } from '../errors.ts'
import type { Manifest } from '../manifest.ts'
import type { Database } from './database.ts'
import { isDuplicate } from './database-errors.ts'
import { releaseVersion, reserveVersion } from './reserve-version.ts'
import { countUp } from './revisions.ts'
import { transact } from './transact.ts'
import { parseVersion } from './version-number.ts'

export interface VersionRow {
  readonly service: string
  readonly version: string
  readonly manifest: Manifest
  /** Markdown for people. */
  readonly card: string
  /** Milliseconds since the Unix epoch. */
  readonly created: number
}

export interface VersionStore {
  /** Takes the next patch number for a version to come. */
  reserve(service: string): Promise<string>
  /** Gives a reserved number back; a number in use stays. */
  release(service: string, version: string): Promise<void>
  /**
   * Adds a version: takes its number, or fills the one that was reserved for it.
   * @throws DugaError `version.exists`, `version.invalid`
   */
  add(row: VersionRow, options?: { readonly reserved?: boolean }): Promise<void>
  get(service: string, version: string): Promise<VersionRow | null>
  /** Newest number first. */
  list(service: string): Promise<VersionRow[]>
  /** Every manifest of every service. */
  manifests(): Promise<Manifest[]>
  /** Whether the number is taken: ready, reserved or deleted. */
  taken(service: string, version: string): Promise<boolean>
  /**
   * Forgets manifest and card; the number stays taken, because the history names it.
   * @throws DugaError `version.active`, `version.unknown`
   */
  remove(service: string, version: string): Promise<void>
}

export function createVersionStore(db: Database, clock: Clock): VersionStore {
  const { kysely } = db
  const ready = () => kysely.selectFrom('versions').selectAll().where('state', '=', 'ready')
  return {
    reserve: (service) =>
      transact(kysely, async (transaction) => {
        await countUp(transaction, 'registry')
        return reserveVersion(transaction, service, clock.now())
      }),
    release: (service, version) => releaseVersion(kysely, service, version),
    add: (row, { reserved = false } = {}) => (reserved ? fillReserved(db, row) : insert(db, row)),
    get: async (service, version) => {
      const row = await ready()
        .where('service', '=', service)
        .where('version', '=', version)
        .executeTakeFirst()
      return row === undefined ? null : toVersion(row)
    },
    list: async (service) => {
      const rows = await ready()
        .where('service', '=', service)
        .orderBy('major', 'desc')
        .orderBy('minor', 'desc')
        .orderBy('patch', 'desc')
        .execute()
      return rows.map(toVersion)
    },
    manifests: async () =>
      (await ready().execute()).map((row) => JSON.parse(row.manifest!) as Manifest),
    taken: async (service, version) => {
      const row = await kysely
        .selectFrom('versions')
        .select('state')
        .where('service', '=', service)
        .where('version', '=', version)
        .executeTakeFirst()
      return row !== undefined
    },
    remove: (service, version) => remove(db, service, version),
  }
}

async function insert({ kysely }: Database, row: VersionRow): Promise<void> {
  const { service, version, created, card } = row
  const number = parseVersion(version)
  const manifest = JSON.stringify(row.manifest)
  try {
    await transact(kysely, async (transaction) => {
      // Counted first: whoever takes the next number meanwhile waits, and does not take this one.
      await countUp(transaction, 'registry')
      await transaction
        .insertInto('versions')
        .values({ service, version, ...number, state: 'ready', manifest, card, created })
        .execute()
    })
  } catch (error) {
    if (!isDuplicate(error)) throw error
    throw new DugaError('version.exists', { service, version }, { cause: error })
  }
}

async function fillReserved({ kysely }: Database, row: VersionRow): Promise<void> {
  const { service, version, created, card } = row
  const result = await kysely
    .updateTable('versions')
    .set({ state: 'ready', manifest: JSON.stringify(row.manifest), card, created })
    .where('service', '=', service)
    .where('version', '=', version)
    .where('state', '=', 'reserved')
    .executeTakeFirst()
  if (result.numUpdatedRows === 0n) throw new DugaError('version.exists', { service, version })
}

async function remove({ kysely }: Database, service: string, version: string): Promise<void> {
  await transact(kysely, async (transaction) => {
    // Counted first: no promotion of this version can slip in between the check and the change.
    await countUp(transaction, 'registry')
    const active = await transaction
      .selectFrom('active_versions')
      .select('version')
      .where('service', '=', service)
      .executeTakeFirst()
    if (active?.version === version) throw new DugaError('version.active', { service, version })
    const result = await transaction
      .updateTable('versions')
      .set({ state: 'deleted', manifest: null, card: null })
      .where('service', '=', service)
      .where('version', '=', version)
      .where('state', '=', 'ready')
      .executeTakeFirst()
    if (result.numUpdatedRows === 0n) throw new DugaError('version.unknown', { service, version })
  })
}

function toVersion(row: {
  service: string
  version: string
  manifest: string | null
  card: string | null
  created: number
}): VersionRow {
  return {
    service: row.service,
    version: row.version,
    manifest: JSON.parse(row.manifest!) as Manifest,
    card: row.card ?? '',
    created: Number(row.created),
  }
}
