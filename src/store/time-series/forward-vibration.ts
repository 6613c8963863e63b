// What the vibration service writes besides the history: points in InfluxDB, rows in a PostgreSQL of the user's, each
// through an outbox. Opened only where the settings name one of them.
import type { Config } from '../../config.ts'
import type { ServerTarget } from '../../database-target.ts'
import type { Outboxes } from '../outbox/outboxes.ts'
import { type AnomalyRecord, createAnomalyTableTarget } from './anomaly-table.ts'
import { createInfluxTarget, type InfluxOptions } from './influx.ts'
import { type Point, toLine } from './line-protocol.ts'

export interface VibrationReading {
  readonly deviceId: string | null
  /** As the answer shows it. */
  readonly timestamp: string
  /** The same instant in microseconds since the Unix epoch. */
  readonly micros: number
  readonly error: number
  readonly threshold: number
  readonly anomaly: boolean
  /** The newest point of the batch: x, y, z, acceleration. */
  readonly last: readonly number[]
}

/** Resolves when the reading is on disk or in its targets; never throws. */
export type ForwardReading = (reading: VibrationReading) => Promise<void>

export async function forwardVibration(
  config: Config,
  outboxes: Outboxes,
): Promise<ForwardReading> {
  const influx = influxOf(config)
  const postgres = postgresOf(config)
  const points = influx === null ? null : await outboxes.open(createInfluxTarget(influx))
  const rows = postgres === null ? null : await outboxes.open(createAnomalyTableTarget(postgres))
  return async (reading) => {
    const lines = toPoints(reading, config.influxReadings === 'all').map(toLine)
    await Promise.all([
      points?.append(lines.map((line) => Buffer.from(line))),
      reading.anomaly && rows?.append([Buffer.from(JSON.stringify(toRecord(reading)))]),
    ])
  }
}

/** Null where no setting names InfluxDB. */
export function influxOf(config: Config): InfluxOptions | null {
  const { influxUrl: url, influxToken: token, influxOrg: org, influxBucket: bucket } = config
  if (url === null && bucket === null && token === null) return null
  return { url: url ?? 'http://127.0.0.1:8086', bucket: bucket ?? 'duga', org, token }
}

/** Null where no setting names it, or where it is the database that holds the contract's table anyway. */
export function postgresOf(config: Config): ServerTarget | null {
  const { postgresHost, postgresPort: port, postgresDb, postgresUser, database: main } = config
  if (postgresHost === null && postgresDb === null) return null
  const host = postgresHost ?? '127.0.0.1'
  const database = postgresDb ?? postgresUser
  const isMain =
    main.kind === 'postgres' &&
    [main.host, main.port, main.database].join() === [host, port, database].join()
  if (isMain) return null
  const password = config.postgresPassword ?? ''
  return {
    ...{ kind: 'postgres', host, port, database, user: postgresUser, password },
    ...{ socket: null, tls: null },
  }
}

function toPoints(reading: VibrationReading, all: boolean): Point[] {
  const { deviceId, micros, error, threshold, anomaly, last } = reading
  const common = { tags: { device_id: deviceId }, micros }
  const judged = { reconstruction_error: error, threshold }
  const points: Point[] = []
  if (anomaly) points.push({ measurement: 'vibration_anomaly', fields: judged, ...common })
  if (!all) return points
  const [x, y, z, acceleration] = last as [number, number, number, number]
  const fields = { ...judged, anomaly, x, y, z, acceleration }
  return [...points, { measurement: 'vibration_reading', fields, ...common }]
}

function toRecord({ deviceId, timestamp, error, threshold }: VibrationReading): AnomalyRecord {
  return { device_id: deviceId, timestamp, reconstruction_error: error, threshold }
}
