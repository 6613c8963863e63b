// The history of answered predictions: recorded durably and in groups, read by id, corrected by feedback.
// Listing stands in list-predictions.ts, deletion by age and size in retention.ts.
import type { Clock } from '../clock.ts'
import { DugaError } from '../errors.ts'
import type { Database } from './database.ts'
import { isUnavailable } from './database-errors.ts'
import { createGroupCommit } from './group-commit.ts'
import { createIdSource } from './ids.ts'
import { listPredictions, type PredictionFilter, type PredictionPage } from './list-predictions.ts'
import { type NewPrediction, type Prediction, toPrediction, toValues } from './prediction-row.ts'
import type { SideRow } from './side-row.ts'
import { createHistoryWriter, type HistoryEntry } from './write-history.ts'

export interface HistoryStore {
  /** An id for a prediction of this instant, for those who need it before it is recorded. */
  newId(timestamp: number): string
  /**
   * Records a prediction and the rows that belong to it, in one transaction. What has the id of one that is there already
   * changes nothing.
   * @returns its id, when it is committed (it then survives kill -9).
   */
  append(row: NewPrediction, side?: readonly SideRow[]): Promise<string>
  get(service: string, id: string): Promise<Prediction | null>
  /**
   * Newest first; flat however long the history is.
   * @throws DugaError `cursor.invalid`
   */
  list(service: string, filter?: PredictionFilter): Promise<PredictionPage>
  /** All that match, newest first, read page by page. */
  each(
    service: string,
    filter?: Omit<PredictionFilter, 'limit' | 'cursor'>,
  ): AsyncGenerator<Prediction>
  /** @param label null takes it back. @throws DugaError `prediction.unknown` */
  putFeedback(service: string, id: string, label: string | null): Promise<Prediction>
  /** Resolves when all that was appended is committed. */
  drain(): Promise<void>
}

export function createHistoryStore(db: Database, clock: Clock): HistoryStore {
  const { kysely } = db
  const newId = createIdSource()
  const group = createGroupCommit<HistoryEntry>(createHistoryWriter(db), {
    isFault: (reason) => !isUnavailable(reason),
  })
  const get: HistoryStore['get'] = async (service, id) => {
    const row = await kysely
      .selectFrom('predictions')
      .selectAll()
      .where('service', '=', service)
      .where('id', '=', id)
      .executeTakeFirst()
    return row === undefined ? null : toPrediction(row)
  }
  const list: HistoryStore['list'] = (service, filter = {}) => listPredictions(db, service, filter)
  return {
    newId,
    get,
    list,
    append: async (row, side = []) => {
      const id = row.id ?? newId(row.timestamp)
      await group.add({ id, service: row.service, values: toValues(id, row), side })
      return id
    },
    each: async function* (service, filter = {}) {
      let cursor: string | null | undefined
      do {
        const page: PredictionPage = await list(service, {
          ...filter,
          limit: 500,
          ...(cursor ? { cursor } : {}),
        })
        yield* page.items
        cursor = page.next
      } while (cursor !== null)
    },
    putFeedback: async (service, id, label) => {
      await kysely
        .updateTable('predictions')
        .set({ feedback_label: label, feedback_at: label === null ? null : clock.now() })
        .where('service', '=', service)
        .where('id', '=', id)
        .execute()
      const row = await get(service, id)
      if (row === null) throw new DugaError('prediction.unknown', { service, id })
      return row
    },
    drain: () => group.drain(),
  }
}
