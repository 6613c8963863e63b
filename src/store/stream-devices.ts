// What a stream has brought of each device and is not in an answer yet: the points of its next window, and the keys of its
// latest messages, by which one that is sent again is known. Rows that come with an answer: see side-row.ts.
import type { Kysely } from 'kysely'
import type { Json } from '../json.ts'
import type { Database } from './database.ts'
import { isUnavailable } from './database-errors.ts'
import { createGroupCommit } from './group-commit.ts'
import type { Schema } from './schema.ts'

export interface StreamDevice {
  readonly device: string
  readonly points: Json
  /** Oldest first. */
  readonly keys: readonly string[]
  /** Milliseconds since the Unix epoch. */
  readonly updated: number
}

export interface StreamDeviceStore {
  get(device: string): Promise<StreamDevice | null>
  /** Resolves when it is committed. */
  put(row: StreamDevice): Promise<void>
  /** Deletes devices unheard since an instant. @returns how many went */
  prune(before: number): Promise<number>
}

export function createStreamDeviceStore({ kysely }: Database): StreamDeviceStore {
  const group = createGroupCommit<StreamDevice>(
    async (rows) => {
      await kysely.transaction().execute(async (transaction) => {
        await putStreamDevices(transaction, rows)
      })
    },
    { isFault: (reason) => !isUnavailable(reason) },
  )
  return {
    get: async (device) => {
      const row = await kysely
        .selectFrom('stream_devices')
        .selectAll()
        .where('device', '=', device)
        .executeTakeFirst()
      if (row === undefined) return null
      const { points, keys, updated } = row
      return {
        device,
        points: JSON.parse(points) as Json,
        keys: JSON.parse(keys) as string[],
        updated: Number(updated),
      }
    },
    put: (row) => group.add(row),
    prune: async (before) => {
      const result = await kysely
        .deleteFrom('stream_devices')
        .where('updated', '<', before)
        .executeTakeFirst()
      return Number(result.numDeletedRows)
    },
  }
}

/** Replaces the rows of these devices; of several of one device the last counts. Most: what one statement takes. */
export async function putStreamDevices(
  db: Kysely<Schema>,
  rows: readonly StreamDevice[],
): Promise<void> {
  const latest = [...new Map(rows.map((row) => [row.device, row])).values()]
  const devices = latest.map(({ device }) => device)
  // No dialect's upsert is another's; a delete and an insert in one transaction are the same to all.
  await db.deleteFrom('stream_devices').where('device', 'in', devices).execute()
  const values = latest.map(({ device, points, keys, updated }) => ({
    ...{ device, updated },
    points: JSON.stringify(points),
    keys: JSON.stringify(keys),
  }))
  await db.insertInto('stream_devices').values(values).execute()
}
