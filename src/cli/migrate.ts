// `duga migrate up | status | new | import`: the database's schema, and the rows of an old back end.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { systemClock } from '../clock.ts'
import { type DatabaseTarget, parseDatabaseUrl } from '../database-target.ts'
import { type Database, openDatabase } from '../store/database.ts'
import { openHome } from '../store/home.ts'
import { importOld } from '../store/import-old.ts'
import { migrateUp, migrationStatus, newMigration } from '../store/migrate.ts'
import { type CliContext, type CommonOptions, configFor } from './context.ts'
import { createOutput, UsageError } from './output.ts'

export function migrateCommand(_context: CliContext): Command {
  const command = new Command('migrate').description("the database's schema")
  command
    .command('up')
    .description('brings the schema up to this program')
    .addHelpText('after', '\nExample:\n  npx duga migrate up')
    .action((options) => up(options))
  command
    .command('status')
    .description('says which migrations have run')
    .addHelpText('after', '\nExample:\n  npx duga migrate status --json')
    .action((options) => status(options))
  command
    .command('new')
    .argument('<name>', 'lower-case letters, digits and hyphens')
    .description('writes the file of a new migration (for those who develop Duga)')
    .addHelpText('after', '\nExample:\n  npx duga migrate new add-device-names')
    .action((name, options) => make(name, options))
  command
    .command('import')
    .argument('<old database>', 'DATABASE_URL of an old dog service')
    .description('brings its users and predictions over; again only what is new')
    .addHelpText(
      'after',
      '\nExample:\n  npx duga migrate import mysql+pymysql://root:@localhost:3306/dog_classifier_db',
    )
    .action((url, options) => bringOver(url, options))
  return command
}

async function up(options: CommonOptions): Promise<void> {
  const output = createOutput(options.json === true)
  const ran = await withDatabase(options, migrateUp)
  const text = ran.length === 0 ? 'The schema is up to date.' : `Ran ${ran.join(', ')}.`
  output.result({ items: ran }, text)
}

async function status(options: CommonOptions): Promise<void> {
  const output = createOutput(options.json === true)
  const items = await withDatabase(options, migrationStatus)
  output.list(
    items.map((item) => ({ ...item })),
    ['name', 'applied'],
  )
}

async function make(name: string, options: CommonOptions): Promise<void> {
  const output = createOutput(options.json === true)
  const folder = fileURLToPath(new URL('../store/migrations', import.meta.url))
  const made = await newMigration(folder, name)
  output.result(made, `Wrote ${made.path}\nAdd to migrations/table.ts: ${made.line}`)
}

async function bringOver(url: string, options: CommonOptions): Promise<void> {
  const output = createOutput(options.json === true)
  const old = await openDatabase(parseOld(url), { pool: 2, readOnly: true })
  try {
    const result = await withDatabase(options, async (db) => {
      await migrateUp(db)
      return importOld(old, db, systemClock)
    })
    const { users, predictions, warnings } = result
    const text = [
      `Users: ${users.added} of ${users.found} came over.`,
      `Predictions: ${predictions.added} of ${predictions.found} came over.`,
      ...warnings,
    ]
    output.result(result, text.join('\n'))
  } finally {
    await old.close()
  }
}

/** A SQLite file that is not there must not be made. */
function parseOld(url: string): DatabaseTarget {
  let target: DatabaseTarget
  try {
    target = parseDatabaseUrl(url, '')
  } catch (error) {
    throw new UsageError(`The old database ${(error as Error).message}`)
  }
  if (target.kind === 'sqlite' && !existsSync(target.file)) {
    throw new UsageError(`There is no file ${target.file}.`)
  }
  return target
}

async function withDatabase<Result>(
  options: CommonOptions,
  work: (db: Database) => Promise<Result>,
): Promise<Result> {
  const config = configFor(options)
  await openHome(config.home, config)
  const db = await openDatabase(config.database, { pool: 2 })
  try {
    return await work(db)
  } finally {
    await db.close()
  }
}
