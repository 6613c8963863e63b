// Takes and gives back version numbers, inside a transaction of whoever needs one.
import type { Kysely } from 'kysely'
import type { Schema } from './schema.ts'
import { formatVersion, nextPatch } from './version-number.ts'

/** Takes the next patch number inside a transaction. */
export async function reserveVersion(
  db: Kysely<Schema>,
  service: string,
  now: number,
): Promise<string> {
  const latest = await db
    .selectFrom('versions')
    .select(['major', 'minor', 'patch'])
    .where('service', '=', service)
    .orderBy('major', 'desc')
    .orderBy('minor', 'desc')
    .orderBy('patch', 'desc')
    .limit(1)
    .executeTakeFirst()
  const number = nextPatch(latest ?? null)
  const version = formatVersion(number)
  await db
    .insertInto('versions')
    .values({ service, version, ...number, state: 'reserved', created: now })
    .execute()
  return version
}

/** Gives a reserved number back inside a transaction. */
export async function releaseVersion(
  db: Kysely<Schema>,
  service: string,
  version: string,
): Promise<void> {
  await db
    .deleteFrom('versions')
    .where('service', '=', service)
    .where('version', '=', version)
    .where('state', '=', 'reserved')
    .execute()
}
