// Every setting in one literal table, which may be long: name, default, meaning, parser. Parsed once, synchronously, into a frozen object.
// The README's table is tested equal to it. A bad value names itself and stops the start.
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { type DatabaseTarget, parseDatabaseUrl } from './database-target.ts'

type Environment = Readonly<Record<string, string | undefined>>

interface Setting<T> {
  readonly name: string
  readonly shows: string
  readonly about: string
  readonly parse: (value: string | undefined, environment: Environment) => T
}

const setting = <T>(
  name: string,
  shows: string,
  about: string,
  parse: Setting<T>['parse'],
): Setting<T> => ({ name, shows, about, parse })

const home = (environment: Environment): string => resolve(environment.DUGA_HOME || '.duga')

const parseSecret = secret(16)
const parseHidden = secret(0)
const parseInfluxUrl = optionalUrl(['http:', 'https:'])
const parseMqttUrl = optionalUrl(['mqtt:', 'mqtts:'])

export const SETTINGS = {
  port: setting('PORT', '8000', 'Port of `serve`.', integer(0, 65_535, 8000)),
  host: setting('HOST', '127.0.0.1', 'Address to listen on.', text('127.0.0.1')),
  home: setting(
    'DUGA_HOME',
    '.duga',
    'Folder of database, blobs, versions and uploads.',
    (_value, environment) => home(environment),
  ),
  data: setting(
    'DUGA_DATA',
    '$DUGA_HOME/data',
    'Root of every data path given over HTTP.',
    (value, environment) => (value ? resolve(value) : join(home(environment), 'data')),
  ),
  database: setting(
    'DATABASE_URL',
    'SQLite in $DUGA_HOME',
    '`sqlite:<file>`, `postgres://…` or `mysql://…` (also `mysql+pymysql://…`); see docs/databases.md.',
    parseDatabase,
  ),
  databasePool: setting(
    'DATABASE_POOL',
    '10',
    'Most connections to a PostgreSQL or MySQL server.',
    integer(1, 1000, 10),
  ),
  databaseWaitSeconds: setting(
    'DATABASE_WAIT_SECONDS',
    '30',
    'How long `serve` waits at its start for a database server that is away.',
    integer(0, 86_400, 30),
  ),
  lanes: setting(
    'DUGA_LANES',
    'the cores',
    'Worker threads that decode and infer; each gets max(1, floor(cores ÷ lanes)) onnxruntime threads.',
    integer(1, 256, availableParallelism()),
  ),
  adminToken: setting(
    'DUGA_ADMIN_TOKEN',
    'made at first start',
    'Bearer token of `/manage`, at least 16 characters; kept in $DUGA_HOME.',
    parseSecret,
  ),
  secretKey: setting(
    'SECRET_KEY',
    'made at first start',
    'Signs the tokens of clients, at least 16 characters; kept in $DUGA_HOME.',
    parseSecret,
  ),
  jwtSecretKey: setting(
    'JWT_SECRET_KEY',
    'made at first start',
    'Signs the tokens of users, at least 16 characters; kept in $DUGA_HOME.',
    parseSecret,
  ),
  corsOrigins: setting(
    'CORS_ORIGINS',
    'per service',
    'Comma-separated origins that replace those of the contracts.',
    (value) => (value === undefined ? null : list(value)),
  ),
  trustProxy: setting(
    'TRUST_PROXY',
    'none',
    'Comma-separated addresses or CIDR ranges whose X-Forwarded-For counts.',
    list,
  ),
  accessTokenMinutes: setting(
    'ACCESS_TOKEN_MINUTES',
    '30',
    'Lifetime of a client token.',
    integer(1, 525_600, 30),
  ),
  historyRetentionDays: setting(
    'HISTORY_RETENTION_DAYS',
    '0 (for ever)',
    'Predictions older than this are deleted.',
    integer(0, 36_500, 0),
  ),
  historyRetentionRows: setting(
    'HISTORY_RETENTION_ROWS',
    '0 (no limit)',
    'Most predictions kept of each service; the oldest are deleted.',
    integer(0, Number.MAX_SAFE_INTEGER, 0),
  ),
  reportRetentionDays: setting(
    'REPORT_RETENTION_DAYS',
    '0 (for ever)',
    'Training reports older than this are deleted, but for those of the versions that serve.',
    integer(0, 36_500, 0),
  ),
  historyPublic: setting(
    'HISTORY_PUBLIC',
    'true',
    'false: `/history` routes ask for a token.',
    boolean(true),
  ),
  coughModelPath: setting(
    'COUGH_MODEL_PATH',
    '$DUGA_HOME/models/cough/cough_classifier_model.h5',
    'Model of your own, imported and served at start.',
    optionalPath,
  ),
  faceModelPath: setting(
    'FACE_MODEL_PATH',
    '$DUGA_HOME/models/face/*.onnx',
    'Likewise.',
    optionalPath,
  ),
  dogModelPath: setting(
    'DOG_MODEL_PATH',
    '$DUGA_HOME/models/dog/dog_breed_classifier_final_model.keras',
    'Likewise, with its class names:',
    optionalPath,
  ),
  dogClassesPath: setting(
    'DOG_CLASSES_PATH',
    '$DUGA_HOME/models/dog/class_indices.json',
    'JSON with the names of the breeds.',
    optionalPath,
  ),
  autoencoderModelPath: setting(
    'AUTOENCODER_MODEL_PATH',
    '$DUGA_HOME/models/vibration/*.h5 or *.keras',
    'Autoencoder of your own, imported and served at start with its scaler:',
    optionalPath,
  ),
  scalerModelPath: setting(
    'SCALER_MODEL_PATH',
    '$DUGA_HOME/models/vibration/*.joblib or *.pkl',
    'scikit-learn scaler that goes before it.',
    optionalPath,
  ),
  productModelDir: setting(
    'PRODUCT_MODEL_DIR',
    '$DUGA_HOME/models/product',
    'Folder of tfidf_vectorizer.joblib, svc_model.joblib and model_classes.joblib, imported and served at start.',
    optionalPath,
  ),
  coughRateLimit: setting(
    'COUGH_RATE_LIMIT',
    '10',
    'Cough predictions a minute a client address; 0 is off.',
    integer(0, 1_000_000, 10),
  ),
  coughTrusted: setting(
    'COUGH_TRUSTED',
    'none',
    'Comma-separated addresses free of that limit.',
    list,
  ),
  faceThreshold: setting(
    'FACE_THRESHOLD',
    "the model's",
    'A face is fake when prob_fake reaches this, 0..1.',
    optionalNumber(0, 1),
  ),
  faceUploads: setting(
    'FACE_UPLOADS',
    '$DUGA_HOME/uploads/face',
    'Folder that `/api/v1/uploads` reads.',
    (value, environment) => (value ? resolve(value) : join(home(environment), 'uploads', 'face')),
  ),
  influxUrl: setting(
    'INFLUXDB_URL',
    'none; http://127.0.0.1:8086 where a bucket is set',
    'InfluxDB (or VictoriaMetrics) that vibration anomalies are written to; `http://user:password@host` for 1.x with accounts.',
    parseInfluxUrl,
  ),
  influxBucket: setting(
    'INFLUXDB_BUCKET',
    'duga',
    'Its bucket; in 1.x the database, which is made where it is missing.',
    optionalText,
  ),
  influxOrg: setting(
    'INFLUXDB_INIT_ORG',
    'none',
    'Its organisation. With one InfluxDB 2.x is spoken, without 1.x.',
    optionalText,
  ),
  influxToken: setting('INFLUXDB_ADMIN_TOKEN', 'none', 'Its token.', parseHidden),
  influxReadings: setting(
    'INFLUXDB_READINGS',
    'anomalies',
    '`all`: every batch is written too, as measurement `vibration_reading`.',
    oneOf(['anomalies', 'all'], 'anomalies'),
  ),
  postgresHost: setting(
    'POSTGRES_HOST',
    'none; 127.0.0.1 where POSTGRES_DB is set',
    'PostgreSQL whose table `vibration_anomalies` gets the anomalies too.',
    optionalText,
  ),
  postgresPort: setting('POSTGRES_PORT', '5432', 'Its port.', integer(1, 65_535, 5432)),
  postgresDb: setting('POSTGRES_DB', 'POSTGRES_USER', 'Its database.', optionalText),
  postgresUser: setting('POSTGRES_USER', 'postgres', 'Its user.', text('postgres')),
  postgresPassword: setting('POSTGRES_PASSWORD', 'none', 'The password.', parseHidden),
  outboxMaxMb: setting(
    'OUTBOX_MAX_MB',
    '256',
    'Most that waits on disk for each of them while it is away; past it the oldest goes.',
    integer(1, 1_000_000, 256),
  ),
  mqttUrl: setting(
    'DUGA_MQTT_URL',
    'none',
    'Broker that vibration data comes from: `mqtt://user:password@host:1883`, or `mqtts://` for TLS.',
    parseMqttUrl,
  ),
  mqttTopic: setting(
    'DUGA_MQTT_TOPIC',
    'sensors/+/acceleration',
    'Topics to take; the `+` is the device. `$share/<group>/…` shares them among replicas.',
    topicPattern('sensors/+/acceleration'),
  ),
  mqttAnomalyTopic: setting(
    'DUGA_MQTT_ANOMALY_TOPIC',
    'anomalies/+',
    'Topics that anomalies are published to; the `+` is the device.',
    topicPattern('anomalies/+'),
  ),
  mqttClientId: setting(
    'DUGA_MQTT_CLIENT_ID',
    'made at first start',
    'Name of the session at the broker; kept in $DUGA_HOME.',
    optionalText,
  ),
  logLevel: setting(
    'LOG_LEVEL',
    'info',
    'trace, debug, info, warn, error or silent.',
    oneOf(['trace', 'debug', 'info', 'warn', 'error', 'silent'], 'info'),
  ),
} as const

/** Their values hold secrets and are not shown. */
const SECRET: ReadonlySet<unknown> = new Set([
  ...[parseSecret, parseHidden, parseInfluxUrl, parseMqttUrl],
  parseDatabase,
])

export type Config = {
  readonly [K in keyof typeof SETTINGS]: ReturnType<(typeof SETTINGS)[K]['parse']>
}

/** A setting whose value cannot be used; its message names the setting, the value and what is accepted. */
export class ConfigError extends Error {
  override name = 'ConfigError'
}

/**
 * Parses every setting.
 * @param environment process.env over `.env`, see {@link readEnvironment}
 * @throws ConfigError naming the first bad setting
 */
export function loadConfig(environment: Environment): Config {
  const entries = Object.entries(SETTINGS).map(([key, entry]) => {
    const value = environment[entry.name]
    try {
      return [key, entry.parse(value === '' ? undefined : value, environment)]
    } catch (cause) {
      const shown = SECRET.has(entry.parse) ? '' : ` is ${JSON.stringify(value)}, which`
      throw new ConfigError(`${entry.name}${shown} ${(cause as Error).message}`, { cause })
    }
  })
  return Object.freeze(Object.fromEntries(entries)) as Config
}

/** The process' environment over the `.env` file of the working directory, where there is one. */
export function readEnvironment(directory = process.cwd()): Environment {
  let file: Environment = {}
  try {
    file = parseEnv(readFileSync(join(directory, '.env'), 'utf8'))
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause
  }
  return { ...file, ...process.env }
}

function integer(min: number, max: number, otherwise: number) {
  return (value: string | undefined): number => {
    if (value === undefined) return otherwise
    const parsed = Number(value)
    if (!Number.isInteger(parsed) || parsed < min || parsed > max) {
      throw new Error(`must be a whole number from ${min} to ${max}`)
    }
    return parsed
  }
}

function optionalNumber(min: number, max: number) {
  return (value: string | undefined): number | null => {
    if (value === undefined) return null
    const parsed = Number(value)
    if (!(parsed >= min && parsed <= max)) throw new Error(`must be a number from ${min} to ${max}`)
    return parsed
  }
}

function text(otherwise: string) {
  return (value: string | undefined): string => value ?? otherwise
}

/** Returns an absolute path; null where it is unset. */
function optionalPath(value: string | undefined): string | null {
  return value === undefined ? null : resolve(value)
}

function optionalText(value: string | undefined): string | null {
  return value ?? null
}

/** Returns the address as it was given; null where it is unset. */
function optionalUrl(protocols: readonly string[]) {
  return (value: string | undefined): string | null => {
    if (value === undefined) return null
    const url = URL.parse(value)
    if (url !== null && url.hostname !== '' && protocols.includes(url.protocol)) return value
    const beginnings = protocols.map((protocol) => `${protocol}//`).join(' or ')
    throw new Error(`must be an address that begins with ${beginnings}`)
  }
}

function topicPattern(otherwise: string) {
  return (value = otherwise): string => {
    const levels = value.split('/')
    if (levels.filter((level) => level === '+').length === 1 && !/[^/]\+|\+[^/]|#/.test(value)) {
      return value
    }
    throw new Error('must be a topic of which one level is "+"')
  }
}

function secret(length: number) {
  return (value: string | undefined): string | null => {
    if (value !== undefined && value.length < length) {
      throw new Error(`must have at least ${length} characters`)
    }
    return value ?? null
  }
}

function list(value: string | undefined): readonly string[] {
  return (value ?? '').split(',').flatMap((item) => item.trim() || [])
}

function boolean(otherwise: boolean) {
  return (value: string | undefined): boolean => {
    if (value === undefined) return otherwise
    if (/^(true|1|yes|on)$/i.test(value)) return true
    if (/^(false|0|no|off)$/i.test(value)) return false
    throw new Error('must be true or false')
  }
}

function oneOf<const T extends readonly string[]>(values: T, otherwise: T[number]) {
  return (value: string | undefined): T[number] => {
    if (value === undefined) return otherwise
    if (!values.includes(value)) throw new Error(`must be one of ${values.join(', ')}`)
    return value
  }
}

function parseDatabase(value: string | undefined, environment: Environment): DatabaseTarget {
  return parseDatabaseUrl(value, join(home(environment), 'duga.db'))
}
