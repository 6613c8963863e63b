// The first schema. Never edited once released: a change is a new migration.
import type { Kysely } from 'kysely'
import {
  columnsOf,
  columnTypes,
  createIndexOnce,
  type DatabaseKind,
  withCountedId,
} from '../columns.ts'
import { adoptUsers } from './adopt-users.ts'

type Db = Kysely<unknown>

/**
 * Creates every table. Tables that a contract names are taken over where an old back end left them. Each step may find
 * its work done: MySQL has no transactions around changes of the schema.
 */
export async function up(db: Db, kind: DatabaseKind): Promise<void> {
  await createAccounts(db, kind)
  await createPredictions(db, kind)
  await createContractTables(db, kind)
  await createVersions(db, kind)
  await createJobs(db, kind)
}

async function createAccounts(db: Db, kind: DatabaseKind): Promise<void> {
  const type = columnTypes(kind)
  const users = await columnsOf(db, kind, 'users')
  if (users === null) {
    await withCountedId(db.schema.createTable('users'), kind)
      .addColumn('username', type.short(80), (column) => column.notNull())
      .addColumn('username_key', type.key(80), (column) => column.notNull().unique())
      .addColumn('password_hash', type.short(255), (column) => column.notNull())
      .addColumn('active', type.flag, (column) => column.notNull())
      .addColumn('generation', type.integer, (column) => column.notNull())
      .addColumn('created', type.instant, (column) => column.notNull())
      .execute()
  } else await adoptUsers(db, kind, users)
  await db.schema
    .createTable('clients')
    .ifNotExists()
    .addColumn('id', type.key(255), (column) => column.primaryKey().notNull())
    .addColumn('name', type.key(255), (column) => column.notNull())
    .addColumn('secret_hash', type.key(255), (column) => column.notNull())
    .addColumn('scope', type.key(255), (column) => column.notNull())
    .addColumn('active', type.flag, (column) => column.notNull())
    .addColumn('generation', type.integer, (column) => column.notNull())
    .addColumn('created', type.instant, (column) => column.notNull())
    .execute()
  await db.schema
    .createTable('revocations')
    .ifNotExists()
    .addColumn('jti', type.key(64), (column) => column.primaryKey().notNull())
    .addColumn('expires', type.instant, (column) => column.notNull())
    .execute()
  await createIndexOnce(db, kind, {
    name: 'revocations_expires',
    table: 'revocations',
    columns: ['expires'],
  })
  await db.schema
    .createTable('login_failures')
    .ifNotExists()
    .addColumn('name', type.key(255), (column) => column.primaryKey().notNull())
    .addColumn('failures', type.integer, (column) => column.notNull())
    .addColumn('locked_until', type.instant, (column) => column.notNull())
    .addColumn('updated', type.instant, (column) => column.notNull())
    .execute()
}

async function createPredictions(db: Db, kind: DatabaseKind): Promise<void> {
  const type = columnTypes(kind)
  await db.schema
    .createTable('predictions')
    .ifNotExists()
    .addColumn('service', type.key(64), (column) => column.notNull())
    .addColumn('id', type.key(36), (column) => column.notNull())
    .addColumn('version', type.key(64), (column) => column.notNull())
    .addColumn('timestamp', type.instant, (column) => column.notNull())
    .addColumn('input', type.key(255), (column) => column.notNull())
    .addColumn('answer', type.text, (column) => column.notNull())
    .addColumn('label', type.key(255))
    .addColumn('confidence', type.real)
    .addColumn('duration_ms', type.real, (column) => column.notNull())
    .addColumn('client', type.key(255))
    .addColumn('user_id', type.integer)
    .addColumn('feedback_label', type.key(255))
    .addColumn('feedback_at', type.instant)
    .addPrimaryKeyConstraint('predictions_key', ['service', 'id'])
    .execute()
  for (const column of ['label', 'version', 'client']) {
    await createIndexOnce(db, kind, {
      name: `predictions_${column}`,
      table: 'predictions',
      columns: ['service', column, 'id'],
    })
  }
}

async function createContractTables(db: Db, kind: DatabaseKind): Promise<void> {
  const type = columnTypes(kind)
  await withCountedId(db.schema.createTable('prediction_history').ifNotExists(), kind)
    .addColumn('user_id', type.integer)
    .addColumn('timestamp', type.seconds, (column) => column.notNull().defaultTo(type.now))
    .addColumn('image_filename', type.short(255), (column) => column.notNull())
    .addColumn('image_url', type.short(255), (column) => column.notNull())
    .addColumn('predicted_breed', type.short(80), (column) => column.notNull())
    .addColumn('confidence', type.float, (column) => column.notNull())
    .addForeignKeyConstraint('prediction_history_user_id', ['user_id'], 'users', ['id'])
    .execute()
  await createIndexOnce(db, kind, {
    name: 'prediction_history_user',
    table: 'prediction_history',
    columns: ['user_id', 'id'],
  })
  await withCountedId(db.schema.createTable('vibration_anomalies').ifNotExists(), kind)
    .addColumn('device_id', type.short(255))
    .addColumn('timestamp', type.dateTime, (column) => column.notNull())
    .addColumn('reconstruction_error', type.real, (column) => column.notNull())
    .addColumn('threshold', type.real, (column) => column.notNull())
    .execute()
}

async function createVersions(db: Db, kind: DatabaseKind): Promise<void> {
  const type = columnTypes(kind)
  await db.schema
    .createTable('versions')
    .ifNotExists()
    .addColumn('service', type.key(64), (column) => column.notNull())
    .addColumn('version', type.key(64), (column) => column.notNull())
    .addColumn('major', type.integer, (column) => column.notNull())
    .addColumn('minor', type.integer, (column) => column.notNull())
    .addColumn('patch', type.integer, (column) => column.notNull())
    .addColumn('state', type.key(16), (column) => column.notNull())
    .addColumn('manifest', type.text)
    .addColumn('card', type.text)
    .addColumn('created', type.instant, (column) => column.notNull())
    .addPrimaryKeyConstraint('versions_key', ['service', 'version'])
    .execute()
  await db.schema
    .createTable('active_versions')
    .ifNotExists()
    .addColumn('service', type.key(64), (column) => column.primaryKey().notNull())
    .addColumn('version', type.key(64), (column) => column.notNull())
    .addColumn('revision', type.integer, (column) => column.notNull())
    .addColumn('updated', type.instant, (column) => column.notNull())
    .execute()
  await db.schema
    .createTable('promotions')
    .ifNotExists()
    .addColumn('service', type.key(64), (column) => column.notNull())
    .addColumn('revision', type.integer, (column) => column.notNull())
    .addColumn('version', type.key(64), (column) => column.notNull())
    .addColumn('previous', type.key(64))
    .addColumn('kind', type.key(16), (column) => column.notNull())
    .addColumn('forced', type.flag, (column) => column.notNull())
    .addColumn('timestamp', type.instant, (column) => column.notNull())
    .addPrimaryKeyConstraint('promotions_key', ['service', 'revision'])
    .execute()
}

async function createJobs(db: Db, kind: DatabaseKind): Promise<void> {
  const type = columnTypes(kind)
  await db.schema
    .createTable('jobs')
    .ifNotExists()
    .addColumn('id', type.key(36), (column) => column.primaryKey().notNull())
    .addColumn('service', type.key(64), (column) => column.notNull())
    .addColumn('status', type.key(16), (column) => column.notNull())
    .addColumn('progress', type.real, (column) => column.notNull())
    .addColumn('message', type.text, (column) => column.notNull())
    .addColumn('parameters', type.text, (column) => column.notNull())
    .addColumn('error', type.text)
    .addColumn('result', type.text)
    .addColumn('version', type.key(64))
    .addColumn('owner', type.key(255))
    .addColumn('heartbeat', type.instant)
    .addColumn('created', type.instant, (column) => column.notNull())
    .addColumn('started', type.instant)
    .addColumn('finished', type.instant)
    .execute()
  for (const column of ['status', 'service']) {
    await createIndexOnce(db, kind, {
      name: `jobs_${column}`,
      table: 'jobs',
      columns: [column, 'id'],
    })
  }
  for (const name of ['settings', 'revisions']) {
    await db.schema
      .createTable(name)
      .ifNotExists()
      .addColumn('name', type.key(255), (column) => column.primaryKey().notNull())
      .addColumn('value', name === 'settings' ? type.text : type.integer, (column) =>
        column.notNull(),
      )
      .execute()
  }
}
