// Rows of the tables that a contract names, written in the same transaction as the prediction they belong to.
import type { Kysely } from 'kysely'
import { toDateTime } from './columns.ts'
import type { Schema } from './schema.ts'
import { putStreamDevices, type StreamDevice } from './stream-devices.ts'

export interface DogHistoryRow {
  readonly table: 'prediction_history'
  readonly userId: number | null
  /** Milliseconds since the Unix epoch; stored as UTC to the second. */
  readonly timestamp: number
  readonly imageFilename: string
  readonly imageUrl: string
  readonly predictedBreed: string
  /** 0..1 */
  readonly confidence: number
}

export interface VibrationAnomalyRow {
  readonly table: 'vibration_anomalies'
  readonly deviceId: string | null
  /** As the answer shows it: ISO 8601 in the server's time, without offset. */
  readonly timestamp: string
  readonly reconstructionError: number
  readonly threshold: number
}

export interface VibrationPlotRow {
  readonly table: 'vibration_plots'
  readonly deviceId: string | null
  /** As the answer shows it; unique. */
  readonly timestamp: string
  /** JSON. */
  readonly points: string
  /** Microseconds since the Unix epoch. */
  readonly created: number
}

/** Replaces that of the device. */
export interface StreamDeviceRow extends StreamDevice {
  readonly table: 'stream_devices'
}

export type SideRow = DogHistoryRow | VibrationAnomalyRow | VibrationPlotRow | StreamDeviceRow

/** Inserts rows; text longer than its column is cut. */
export async function insertSideRows(db: Kysely<Schema>, rows: readonly SideRow[]): Promise<void> {
  for (const row of rows) if (row.table !== 'stream_devices') await insertSideRow(db, row)
  const devices = rows.filter((row) => row.table === 'stream_devices')
  if (devices.length > 0) await putStreamDevices(db, devices)
}

async function insertSideRow(
  db: Kysely<Schema>,
  row: Exclude<SideRow, StreamDeviceRow>,
): Promise<void> {
  if (row.table === 'prediction_history') {
    await db
      .insertInto('prediction_history')
      .values({
        user_id: row.userId,
        timestamp: toDateTime(row.timestamp),
        image_filename: row.imageFilename.slice(0, 255),
        image_url: row.imageUrl.slice(0, 255),
        predicted_breed: row.predictedBreed.slice(0, 80),
        confidence: row.confidence,
      })
      .execute()
    return
  }
  if (row.table === 'vibration_plots') {
    const { timestamp, deviceId: device, points, created } = row
    await db.insertInto('vibration_plots').values({ timestamp, device, points, created }).execute()
    return
  }
  await db
    .insertInto('vibration_anomalies')
    .values({
      device_id: row.deviceId,
      timestamp: row.timestamp,
      reconstruction_error: row.reconstructionError,
      threshold: row.threshold,
    })
    .execute()
}
