// The vibration contract's table in a PostgreSQL of the user's. The place that an outbox has come to is written in the same
// transaction as the rows, so that each row is there once, whatever acknowledgement was lost; ids stay the table's own,
// because the tables that there are count them in 32 bits.
import { sql } from 'kysely'
import type { ServerTarget } from '../../database-target.ts'
import { columnTypes, withCountedId } from '../columns.ts'
import { type Database, openDatabase } from '../database.ts'
import { reasonOf } from '../database-errors.ts'
import { RefusedError, type Target } from '../outbox/forwarder.ts'
import type { OutboxRecord } from '../outbox/segment.ts'

/** As it stands in the outbox, as JSON. */
export interface AnomalyRecord {
  readonly device_id: string | null
  /** As the answer shows it: ISO 8601 in the server's time, without offset. */
  readonly timestamp: string
  readonly reconstruction_error: number
  readonly threshold: number
}

type Tables = {
  duga_outboxes: { id: string; place: number }
}

/** Statements take at most 65,535 parameters. */
const ROWS = 5000

export function createAnomalyTableTarget(target: ServerTarget): Target {
  let database: Database | null = null
  let ready = false

  const connect = async (): Promise<Database> => {
    database ??= await openDatabase(target, { pool: 1 })
    if (!ready) await prepare(database)
    ready = true
    return database
  }

  return {
    name: 'postgres',
    deliver: async (records, outbox) => {
      try {
        await write(await connect(), records, outbox)
      } catch (error) {
        if (isRefused(error)) throw new RefusedError(reasonOf(error), { cause: error })
        ready = false
        throw error
      }
    },
    close: async () => database?.close(),
  }
}

async function write(
  { kysely }: Database,
  records: readonly OutboxRecord[],
  outbox: string,
): Promise<void> {
  await kysely
    .withTables<Tables>()
    .transaction()
    .execute(async (transaction) => {
      const own = { id: outbox, place: 0 }
      await transaction
        .insertInto('duga_outboxes')
        .values(own)
        .onConflict((conflict) => conflict.doNothing())
        .execute()
      const { place } = await transaction
        .selectFrom('duga_outboxes')
        .select('place')
        .where('id', '=', outbox)
        .forUpdate()
        .executeTakeFirstOrThrow()
      const rows = records
        .filter(({ end }) => end > place)
        .map(({ payload }) => JSON.parse(Buffer.from(payload).toString()) as AnomalyRecord)
      for (let start = 0; start < rows.length; start += ROWS) {
        await transaction
          .insertInto('vibration_anomalies')
          .values(rows.slice(start, start + ROWS))
          .execute()
      }
      await transaction
        .updateTable('duga_outboxes')
        .set({ place: sql`greatest(place, ${records.at(-1)!.end})` })
        .where('id', '=', outbox)
        .execute()
    })
}

async function prepare({ kysely, kind }: Database): Promise<void> {
  const type = columnTypes(kind)
  await withCountedId(kysely.schema.createTable('vibration_anomalies').ifNotExists(), kind)
    .addColumn('device_id', type.key(255))
    .addColumn('timestamp', type.dateTime, (column) => column.notNull())
    .addColumn('reconstruction_error', type.real, (column) => column.notNull())
    .addColumn('threshold', type.real, (column) => column.notNull())
    .execute()
  await kysely.schema
    .createTable('duga_outboxes')
    .ifNotExists()
    .addColumn('id', type.key(36), (column) => column.primaryKey().notNull())
    .addColumn('place', type.instant, (column) => column.notNull())
    .execute()
}

/** PostgreSQL's classes of data that does not fit: values and constraints. */
function isRefused(error: unknown): boolean {
  const { code } = error as { code?: unknown }
  return typeof code === 'string' && /^(22|23)[0-9A-Z]{3}$/.test(code)
}
