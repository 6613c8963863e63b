// The `duga` program: its commands, and what becomes of their failures. Exit codes: 0 done, 1 failed, 2 misused.
import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import type { CliContext } from './context.ts'
import { reportFailure } from './output.ts'

/** In the order of the help. Imported when asked for: each brings a part of the program with it. */
const COMMANDS: Readonly<Record<string, () => Promise<(context: CliContext) => Command>>> = {
  serve: async () => (await import('./serve.ts')).serveCommand,
  predict: async () => (await import('./predict.ts')).predictCommand,
  train: async () => (await import('./train.ts')).trainCommand,
  evaluate: async () => (await import('./evaluate.ts')).evaluateCommand,
  export: async () => (await import('./export.ts')).exportCommand,
  versions: async () => (await import('./versions.ts')).versionsCommand,
  promote: async () => (await import('./versions.ts')).promoteCommand,
  rollback: async () => (await import('./versions.ts')).rollbackCommand,
  import: async () => (await import('./import.ts')).importCommand,
  convert: async () => (await import('./convert.ts')).convertCommand,
  jobs: async () => (await import('./jobs.ts')).jobsCommand,
  job: async () => (await import('./jobs.ts')).jobCommand,
  cancel: async () => (await import('./jobs.ts')).cancelCommand,
  history: async () => (await import('./history.ts')).historyCommand,
  client: async () => (await import('./client.ts')).clientCommand,
  user: async () => (await import('./user.ts')).userCommand,
  models: async () => (await import('./models.ts')).modelsCommand,
  data: async () => (await import('./data.ts')).dataCommand,
  migrate: async () => (await import('./migrate.ts')).migrateCommand,
  doctor: async () => (await import('./doctor.ts')).doctorCommand,
  'run-job': async () => (await import('./run-job.ts')).runJobCommand,
  'run-import': async () => (await import('./run-import.ts')).runImportCommand,
}
const HIDDEN: ReadonlySet<string> = new Set(['run-job', 'run-import'])

/** @returns the exit code */
export async function runCli(
  argv: readonly string[],
  services: CliContext['services'],
): Promise<number> {
  const context: CliContext = { services, version: packageVersion(), exitCode: 0 }
  const program = new Command('duga')
    .description('From training to a typed, versioned, monitored HTTP service.')
    .version(context.version)
    // A command may have a --version of its own.
    .enablePositionalOptions()
    .showHelpAfterError()
  for (const name of neededBy(argv)) {
    const create = await COMMANDS[name]!()
    program.addCommand(create(context), { hidden: HIDDEN.has(name) })
  }
  for (const command of everyCommand(program)) {
    command.exitOverride()
    if (command.commands.length > 0) continue
    command
      .option('--json', 'print one JSON object for machines')
      .option('--home <folder>', 'home of all data (DUGA_HOME, default .duga)')
  }
  try {
    await program.parseAsync([...argv], { from: 'user' })
    return context.exitCode
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    return reportFailure(error, argv.includes('--json'))
  }
}

/** The one that is called; all for the help and for a name that there is not. */
function neededBy([name = '']: readonly string[]): readonly string[] {
  return Object.hasOwn(COMMANDS, name) ? [name] : Object.keys(COMMANDS)
}

function everyCommand(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(everyCommand)]
}

function packageVersion(): string {
  const file = new URL('../../package.json', import.meta.url)
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}
