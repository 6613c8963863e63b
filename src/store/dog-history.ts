// Reads the dog contract's own table of predictions. Rows come in beside the history: see side-row.ts.
import { sql } from 'kysely'
import type { Database } from './database.ts'

export interface DogHistoryItem {
  readonly id: number
  readonly userId: number | null
  /** `YYYY-MM-DD HH:MM:SS`, UTC. */
  readonly timestamp: string
  readonly imageFilename: string
  readonly imageUrl: string
  readonly predictedBreed: string
  /** 0..1 */
  readonly confidence: number
}

export interface DogHistoryOptions {
  /** Only this user's. */
  readonly userId?: number
  /** Only ids below this one: the last of the page before. */
  readonly before?: number
  /** Default 1000. */
  readonly limit?: number
}

export interface DogHistoryStore {
  /** Newest first. */
  list(options?: DogHistoryOptions): Promise<DogHistoryItem[]>
  /**
   * Deletes at most 500 rows older than an instant (milliseconds since the Unix epoch), oldest first.
   * @returns the deleted rows, whose pictures may go too; empty when none is left
   */
  deleteOldest(before: number): Promise<DogHistoryItem[]>
}

export function createDogHistoryStore({ kysely, kind }: Database): DogHistoryStore {
  const select = () =>
    kysely
      .selectFrom('prediction_history')
      .select(['id', 'user_id', 'timestamp', 'image_filename', 'image_url', 'predicted_breed'])
      .select(kind === 'mysql' ? EXACT_FLOAT : 'confidence')
  return {
    list: async ({ userId, before, limit = 1000 } = {}) => {
      let query = select()
      if (userId !== undefined) query = query.where('user_id', '=', userId)
      if (before !== undefined) query = query.where('id', '<', before)
      return (await query.orderBy('id', 'desc').limit(limit).execute()).map(toItem)
    },
    deleteOldest: async (before) => {
      const oldest = await select().orderBy('id').limit(500).execute()
      const bound = new Date(before).toISOString().slice(0, 19).replace('T', ' ')
      const expired = oldest.map(toItem).filter((row) => row.timestamp < bound)
      if (expired.length === 0) return []
      const ids = expired.map((row) => row.id)
      await kysely.deleteFrom('prediction_history').where('id', 'in', ids).execute()
      return expired
    },
  }
}

/** MySQL shows six digits of a float; the double that it is has them all. */
const EXACT_FLOAT = sql<number>`confidence + 0e0`.as('confidence')

function toItem(row: {
  id: number
  user_id: number | null
  timestamp: string
  image_filename: string
  image_url: string
  predicted_breed: string
  confidence: number
}): DogHistoryItem {
  return {
    id: row.id,
    userId: row.user_id,
    timestamp: row.timestamp.slice(0, 19).replace('T', ' '),
    imageFilename: row.image_filename,
    imageUrl: row.image_url,
    predictedBreed: row.predicted_breed,
    confidence: row.confidence,
  }
}
