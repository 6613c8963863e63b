// Reads the vibration contract's own table of anomalies. Rows come in beside the history: see side-row.ts.
import { toIsoMicros } from './columns.ts'
import type { Database } from './database.ts'

export interface VibrationAnomaly {
  readonly id: number
  readonly deviceId: string | null
  /** As the answer showed it. */
  readonly timestamp: string
  readonly reconstructionError: number
  readonly threshold: number
}

export interface VibrationAnomalyStore {
  /** Newest first. @param options.before only ids below this one; limit default 1000 */
  list(options?: { readonly before?: number; readonly limit?: number }): Promise<VibrationAnomaly[]>
  /**
   * Of the oldest rows, so many as a transaction should have, deletes those before a timestamp (as the answers show it).
   * @returns how many went
   */
  deleteOldest(before: string): Promise<number>
}

const CHUNK = 500

export function createVibrationAnomalyStore({ kysely }: Database): VibrationAnomalyStore {
  return {
    list: async ({ before, limit = 1000 } = {}) => {
      let query = kysely.selectFrom('vibration_anomalies').selectAll()
      if (before !== undefined) query = query.where('id', '<', before)
      const rows = await query.orderBy('id', 'desc').limit(limit).execute()
      return rows.map((row) => ({
        id: row.id,
        deviceId: row.device_id,
        timestamp: toIsoMicros(row.timestamp),
        reconstructionError: row.reconstruction_error,
        threshold: row.threshold,
      }))
    },
    deleteOldest: async (before) => {
      const rows = await kysely
        .selectFrom('vibration_anomalies')
        .select(['id', 'timestamp'])
        .orderBy('id')
        .limit(CHUNK)
        .execute()
      const expired = rows.filter((row) => toIsoMicros(row.timestamp) < before).map(({ id }) => id)
      if (expired.length === 0) return 0
      await kysely.deleteFrom('vibration_anomalies').where('id', 'in', expired).execute()
      return expired.length
    },
  }
}
