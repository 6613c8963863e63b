// What streams of sensor data keep of each device between messages.
import type { Kysely } from 'kysely'
import { columnTypes, type DatabaseKind } from '../columns.ts'

export async function up(db: Kysely<unknown>, kind: DatabaseKind): Promise<void> {
  const type = columnTypes(kind)
  await db.schema
    .createTable('stream_devices')
    .addColumn('device', type.key(255), (column) => column.primaryKey().notNull())
    .addColumn('points', type.text, (column) => column.notNull())
    .addColumn('keys', type.text, (column) => column.notNull())
    .addColumn('updated', type.instant, (column) => column.notNull())
    .execute()
}
