// The tables as Kysely sees them. Instants are milliseconds since the Unix epoch, JSON is text, truth is 0 or 1.
// bigint columns are typed as number here and read through Number(), because PostgreSQL answers them as strings.
import type { Generated } from 'kysely'

export interface PredictionTable {
  id: string
  service: string
  version: string
  timestamp: number
  input: string
  answer: string
  label: string | null
  confidence: number | null
  duration_ms: number
  client: string | null
  user_id: number | null
  feedback_label: string | null
  feedback_at: number | null
}

/** Columns fixed by the dog contract. */
export interface DogHistoryTable {
  id: Generated<number>
  user_id: number | null
  timestamp: Generated<string>
  image_filename: string
  image_url: string
  predicted_breed: string
  confidence: number
}

/** Columns fixed by the vibration contract. */
export interface VibrationAnomalyTable {
  id: Generated<number>
  device_id: string | null
  timestamp: string
  reconstruction_error: number
  threshold: number
}

export interface DeviceThresholdTable {
  /** Empty for the device without a name. */
  device: string
  version: string
  state: string
  /** Microseconds since the Unix epoch. */
  updated: number
}

export interface VibrationPlotTable {
  timestamp: string
  device: string | null
  points: string
  /** Microseconds since the Unix epoch. */
  created: number
}

export interface UserTable {
  id: Generated<number>
  username: string
  /** Lower case, unique. */
  username_key: string
  password_hash: string
  active: number
  /** Counts up when all earlier tokens of the user end. */
  generation: number
  created: number
}

export interface ClientTable {
  id: string
  name: string
  secret_hash: string
  /** Separated by blanks. */
  scope: string
  active: number
  generation: number
  created: number
}

export interface StreamDeviceTable {
  device: string
  /** JSON. */
  points: string
  /** JSON. */
  keys: string
  updated: number
}

export interface RevocationTable {
  jti: string
  expires: number
}

export interface LoginFailureTable {
  name: string
  failures: number
  locked_until: number
  updated: number
}

export interface VersionTable {
  service: string
  version: string
  major: number
  minor: number
  patch: number
  /** reserved: a job holds the number; deleted: the number stays taken, the rest is gone. */
  state: 'reserved' | 'ready' | 'deleted'
  manifest: string | null
  card: string | null
  created: number
}

export interface ActiveVersionTable {
  service: string
  version: string
  revision: number
  updated: number
}

export interface PromotionTable {
  service: string
  /** The revision of the active version that it made. */
  revision: number
  version: string
  previous: string | null
  kind: 'promote' | 'rollback'
  forced: number
  timestamp: number
}

export type JobStatus = 'queued' | 'running' | 'succeeded' | 'rejected' | 'failed' | 'cancelled'

export interface JobTable {
  id: string
  service: string
  status: JobStatus
  /** 0..1 */
  progress: number
  message: string
  parameters: string
  error: string | null
  result: string | null
  version: string | null
  owner: string | null
  heartbeat: number | null
  created: number
  started: number | null
  finished: number | null
}

export interface SettingTable {
  name: string
  value: string
}

export interface RevisionTable {
  name: string
  value: number
}

export interface Schema {
  predictions: PredictionTable
  prediction_history: DogHistoryTable
  vibration_anomalies: VibrationAnomalyTable
  device_thresholds: DeviceThresholdTable
  vibration_plots: VibrationPlotTable
  stream_devices: StreamDeviceTable
  users: UserTable
  clients: ClientTable
  revocations: RevocationTable
  login_failures: LoginFailureTable
  versions: VersionTable
  active_versions: ActiveVersionTable
  promotions: PromotionTable
  jobs: JobTable
  settings: SettingTable
  revisions: RevisionTable
}
