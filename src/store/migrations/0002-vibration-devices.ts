// What the vibration service keeps of its devices: the threshold's state, and the points of the latest plots.
import type { Kysely } from 'kysely'
import { columnTypes, createIndexOnce, type DatabaseKind } from '../columns.ts'

export async function up(db: Kysely<unknown>, kind: DatabaseKind): Promise<void> {
  const type = columnTypes(kind)
  await db.schema
    .createTable('device_thresholds')
    .ifNotExists()
    .addColumn('device', type.key(255), (column) => column.primaryKey().notNull())
    .addColumn('version', type.key(64), (column) => column.notNull())
    .addColumn('state', type.text, (column) => column.notNull())
    .addColumn('updated', type.instant, (column) => column.notNull())
    .execute()
  await createIndexOnce(db, kind, {
    name: 'device_thresholds_updated',
    table: 'device_thresholds',
    columns: ['updated'],
  })
  await db.schema
    .createTable('vibration_plots')
    .ifNotExists()
    .addColumn('timestamp', type.key(32), (column) => column.primaryKey().notNull())
    .addColumn('device', type.key(255))
    .addColumn('points', type.text, (column) => column.notNull())
    .addColumn('created', type.instant, (column) => column.notNull())
    .execute()
  await createIndexOnce(db, kind, {
    name: 'vibration_plots_created',
    table: 'vibration_plots',
    columns: ['created'],
  })
}
