// `duga history <service>`: what was answered, newest first; as CSV for spreadsheets.
import { Command } from 'commander'
import { toCsvLine } from '../commands/csv.ts'
import { presentPrediction } from '../commands/present.ts'
import { type CliContext, type CommonOptions, serviceNamed } from './context.ts'
import { withCore } from './core.ts'
import { createOutput, UsageError } from './output.ts'

interface Options extends CommonOptions {
  readonly csv?: boolean
  readonly limit: string
}

const COLUMNS = ['timestamp', 'version', 'input', 'label', 'confidence', 'duration_ms', 'client']

export function historyCommand(context: CliContext): Command {
  return new Command('history')
    .argument('<service>')
    .option('--csv', 'all of it, as CSV, newest first')
    .option('--limit <count>', 'rows shown without --csv', '20')
    .description('what was answered, newest first')
    .addHelpText(
      'after',
      '\nExamples:\n  npx duga history product --limit 5\n  npx duga history dog --csv > dog.csv',
    )
    .action((service, options) => history(context, service, options))
}

async function history(context: CliContext, service: string, options: Options): Promise<void> {
  const limit = Number(options.limit)
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000) {
    throw new UsageError('--limit must be a whole number from 1 to 1000.')
  }
  await withCore(context, options, async ({ stores, services }) => {
    const { name } = serviceNamed(services, service).definition
    if (!options.csv) {
      const { items } = await stores.history.list(name, { limit })
      createOutput(options.json === true).list(items.map(presentPrediction), COLUMNS)
      return
    }
    process.stdout.write(`${[...COLUMNS, 'id', 'answer'].join(',')}\n`)
    for await (const row of stores.history.each(name)) {
      const shown = presentPrediction(row)
      const cells = [...COLUMNS.map((column) => shown[column]), row.id, JSON.stringify(row.answer)]
      process.stdout.write(toCsvLine(cells))
    }
  })
}
