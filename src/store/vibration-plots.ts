// The points behind the latest vibration plots, by the timestamp of the answer that completed them; pictures are
// drawn from them when asked for. Rows come in beside the history: see side-row.ts.
import type { Json } from '../json.ts'
import type { Database } from './database.ts'

export interface VibrationPlotStore {
  /** What was stored as `points`; null where there is none. */
  get(timestamp: string): Promise<Json | null>
  /** The newest `created` of all; 0 where there is none. */
  latest(): Promise<number>
  /** Keeps the `limit` newest. @returns how many went */
  prune(limit: number): Promise<number>
}

export function createVibrationPlotStore({ kysely }: Database): VibrationPlotStore {
  const nthNewest = async (n: number): Promise<number | null> => {
    const row = await kysely
      .selectFrom('vibration_plots')
      .select('created')
      .orderBy('created', 'desc')
      .limit(1)
      .offset(n)
      .executeTakeFirst()
    return row === undefined ? null : Number(row.created)
  }
  return {
    get: async (timestamp) => {
      const row = await kysely
        .selectFrom('vibration_plots')
        .select('points')
        .where('timestamp', '=', timestamp)
        .executeTakeFirst()
      return row === undefined ? null : (JSON.parse(row.points) as Json)
    },
    latest: async () => (await nthNewest(0)) ?? 0,
    prune: async (limit) => {
      const oldestKept = await nthNewest(Math.max(limit - 1, 0))
      if (oldestKept === null) return 0
      const result = await kysely
        .deleteFrom('vibration_plots')
        .where('created', '<', oldestKept)
        .executeTakeFirst()
      return Number(result.numDeletedRows)
    },
  }
}
