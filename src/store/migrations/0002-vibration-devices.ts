// What the vibration service keeps of its devices: the threshold's state, and the points of the latest plots.
import type { Kysely } from 'kysely'
import { columnTypes, type DatabaseKind } from '../columns.ts'

export async function up(db: Kysely<unknown>, kind: DatabaseKind): Promise<void> {
  const type = columnTypes(kind)
  await db.schema
    .createTable('device_thresholds')
    .addColumn('device', type.key(255), (column) => column.primaryKey().notNull())
    .addColumn('version', type.key(64), (column) => column.notNull())
    .addColumn('state', type.text, (column) => column.notNull())
    .addColumn('updated', type.instant, (column) => column.notNull())
    .execute()
  await db.schema
    .createIndex('device_thresholds_updated')
    .on('device_thresholds')
    .column('updated')
    .execute()
  await db.schema
    .createTable('vibration_plots')
    .addColumn('timestamp', type.key(32), (column) => column.primaryKey().notNull())
    .addColumn('device', type.key(255))
    .addColumn('points', type.text, (column) => column.notNull())
    .addColumn('created', type.instant, (column) => column.notNull())
    .execute()
  await db.schema
    .createIndex('vibration_plots_created')
    .on('vibration_plots')
    .column('created')
    .execute()
}
