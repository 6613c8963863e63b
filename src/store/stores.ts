// Opens the database, brings its schema up, and makes every store over it.
import type { Clock } from '../clock.ts'
import type { DatabaseTarget } from '../database-target.ts'
import { type ActiveVersionStore, createActiveVersionStore } from './active-versions.ts'
import { type ClientStore, createClientStore } from './clients.ts'
import { type Database, type OpenOptions, openDatabase } from './database.ts'
import { createDeviceThresholdStore, type DeviceThresholdStore } from './device-thresholds.ts'
import { createDogHistoryStore, type DogHistoryStore } from './dog-history.ts'
import { createHistoryStore, type HistoryStore } from './history.ts'
import { createJobStore, type JobStore } from './jobs.ts'
import { createLoginFailureStore, type LoginFailureStore } from './login-failures.ts'
import { migrateUp } from './migrate.ts'
import { createRevisions } from './revisions.ts'
import { createRevocationStore, type RevocationStore } from './revocations.ts'
import { createSettingStore, type SettingStore } from './settings.ts'
import { createStreamDeviceStore, type StreamDeviceStore } from './stream-devices.ts'
import { createUserStore, type UserStore } from './users.ts'
import { createVersionStore, type VersionStore } from './versions.ts'
import { createVibrationAnomalyStore, type VibrationAnomalyStore } from './vibration-anomalies.ts'
import { createVibrationPlotStore, type VibrationPlotStore } from './vibration-plots.ts'

export type { SideRow } from './side-row.ts'

export interface Stores {
  readonly db: Database
  readonly history: HistoryStore
  readonly dogHistory: DogHistoryStore
  readonly vibrationAnomalies: VibrationAnomalyStore
  readonly deviceThresholds: DeviceThresholdStore
  readonly vibrationPlots: VibrationPlotStore
  readonly streamDevices: StreamDeviceStore
  readonly users: UserStore
  readonly clients: ClientStore
  readonly revocations: RevocationStore
  readonly loginFailures: LoginFailureStore
  readonly versions: VersionStore
  readonly activeVersions: ActiveVersionStore
  readonly jobs: JobStore
  readonly settings: SettingStore
  /** Commits what was appended, then closes the database. */
  close(): Promise<void>
}

/**
 * Opens and migrates.
 * @throws DugaError `store.newer`, and as `openDatabase`
 */
export async function openStores(
  target: DatabaseTarget,
  clock: Clock,
  options: OpenOptions = {},
): Promise<Stores> {
  const db = await openDatabase(target, options)
  try {
    return await createStores(db, clock)
  } catch (error) {
    await db.close()
    throw error
  }
}

/** Every store over an open database, whose schema is brought up first. */
export async function createStores(db: Database, clock: Clock): Promise<Stores> {
  await migrateUp(db)
  await createRevisions(db)
  const history = createHistoryStore(db, clock)
  return {
    db,
    history,
    dogHistory: createDogHistoryStore(db),
    vibrationAnomalies: createVibrationAnomalyStore(db),
    deviceThresholds: createDeviceThresholdStore(db),
    vibrationPlots: createVibrationPlotStore(db),
    streamDevices: createStreamDeviceStore(db),
    users: createUserStore(db, clock),
    clients: createClientStore(db, clock),
    revocations: createRevocationStore(db, clock),
    loginFailures: createLoginFailureStore(db, clock),
    versions: createVersionStore(db, clock),
    activeVersions: createActiveVersionStore(db, clock),
    jobs: createJobStore(db, clock),
    settings: createSettingStore(db),
    close: async () => {
      await history.drain()
      await db.close()
    },
  }
}
