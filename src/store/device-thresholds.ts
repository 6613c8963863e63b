// The state of each vibration device's threshold, as JSON; bounded: the devices longest unheard are forgotten.
import type { Json } from '../json.ts'
import type { Database } from './database.ts'
import { transact } from './transact.ts'

export interface DeviceThreshold {
  /** Empty for the device without a name. */
  readonly device: string
  /** The model version whose errors the state is about. */
  readonly version: string
  readonly state: Json
  /** Microseconds since the Unix epoch. */
  readonly updated: number
}

export interface DeviceThresholdStore {
  get(device: string): Promise<DeviceThreshold | null>
  /** Replaces the states of these devices, all or none. */
  putAll(rows: readonly DeviceThreshold[]): Promise<void>
  /** The newest `updated` of all; 0 where there is none. */
  latest(): Promise<number>
  /** Keeps the `limit` devices last heard of. @returns how many went */
  prune(limit: number): Promise<number>
}

/** Rows of one statement: SQLite allows 999 parameters in its oldest builds. */
const CHUNK = 200

export function createDeviceThresholdStore({ kysely }: Database): DeviceThresholdStore {
  const nthNewest = async (n: number): Promise<number | null> => {
    const row = await kysely
      .selectFrom('device_thresholds')
      .select('updated')
      .orderBy('updated', 'desc')
      .limit(1)
      .offset(n)
      .executeTakeFirst()
    return row === undefined ? null : Number(row.updated)
  }
  return {
    get: async (device) => {
      const row = await kysely
        .selectFrom('device_thresholds')
        .selectAll()
        .where('device', '=', device)
        .executeTakeFirst()
      if (row === undefined) return null
      const state = JSON.parse(row.state) as Json
      return { device, version: row.version, state, updated: Number(row.updated) }
    },
    putAll: async (rows) => {
      await transact(kysely, async (transaction) => {
        for (let start = 0; start < rows.length; start += CHUNK) {
          const chunk = rows.slice(start, start + CHUNK)
          const devices = chunk.map(({ device }) => device)
          // No dialect's upsert is another's; a delete and an insert in one transaction are the same to all.
          await transaction.deleteFrom('device_thresholds').where('device', 'in', devices).execute()
          const values = chunk.map((row) => ({ ...row, state: JSON.stringify(row.state) }))
          await transaction.insertInto('device_thresholds').values(values).execute()
        }
      })
    },
    latest: async () => (await nthNewest(0)) ?? 0,
    prune: async (limit) => {
      const oldestKept = await nthNewest(Math.max(limit - 1, 0))
      if (oldestKept === null) return 0
      const result = await kysely
        .deleteFrom('device_thresholds')
        .where('updated', '<', oldestKept)
        .executeTakeFirst()
      return Number(result.numDeletedRows)
    },
  }
}
