// `duga migrate up | status | new`: the database's schema.
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { type Database, openDatabase } from '../store/database.ts'
import { openHome } from '../store/home.ts'
import { migrateUp, migrationStatus, newMigration } from '../store/migrate.ts'
import { type CliContext, type CommonOptions, configFor } from './context.ts'
import { createOutput } from './output.ts'

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
