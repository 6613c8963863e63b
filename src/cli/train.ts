// `duga train <service> --data <path>`: a new version. It is a job like those over HTTP; this process runs it itself
// unless a server takes it first.
import { resolve } from 'node:path'
import { Command } from 'commander'
import { startTraining } from '../commands/start-training.ts'
import { DugaError } from '../errors.ts'
import { createEmbeddedQueue } from '../jobs/embedded-queue.ts'
import type { Json } from '../json.ts'
import { checkOptions, TRAIN_OPTIONS } from '../train/options.ts'
import { type CliContext, type CommonOptions, serviceNamed } from './context.ts'
import { withCore } from './core.ts'
import { createOutput, UsageError } from './output.ts'
import { printOutcome, runHereOrFollow } from './run-here.ts'
import { syncModels } from './sync-models.ts'

type Options = CommonOptions & { readonly data: string } & Readonly<Record<string, unknown>>

export function trainCommand(context: CliContext): Command {
  const command = new Command('train')
    .argument('<service>')
    .requiredOption('--data <path>', 'file or folder with the new rows')
  for (const [name, { type, description }] of Object.entries(TRAIN_OPTIONS)) {
    const flag = `--${name.replaceAll('_', '-')}`
    const value = type === 'boolean' ? '' : type === 'string' ? ' <text>' : ' <number>'
    command.option(`${flag}${value}`, description)
  }
  return command
    .description('trains a new version; it serves if it is not worse than the current one')
    .addHelpText(
      'after',
      '\nExamples:\n  npx duga train product --data new-products.csv\n  npx duga train product --data lists/ --replace --json\n  npx duga train cough --data recordings/ --epochs 20\n  npx duga train face --data site-pictures/\n  npx duga train vibration --data fan.csv',
    )
    .action((service, options) => train(context, service, options))
}

async function train(context: CliContext, service: string, options: Options): Promise<void> {
  const output = createOutput(options.json === true)
  await withCore(context, options, async (core) => {
    const { definition, trainer, trainOptions = [] } = serviceNamed(core.services, service)
    await syncModels(core)
    const recipe = recipeOf(options)
    refuseMisuse(definition.name, trainOptions, recipe)
    const queue = createEmbeddedQueue(core.stores.jobs)
    const job = await startTraining(
      {
        ...{ jobs: queue, dataRoot: null, trainable: trainer !== undefined },
      },
      definition.name,
      { ...recipe, data: resolve(options.data) },
    )
    output.note(`Job ${job.id}: ${definition.name} ${job.version}`)
    await printOutcome(context, output, core, await runHereOrFollow(core, job.id, output))
  })
}

/** @throws UsageError */
function refuseMisuse(...asked: Parameters<typeof checkOptions>): void {
  try {
    checkOptions(...asked)
  } catch (error) {
    throw error instanceof DugaError ? new UsageError(error.message) : error
  }
}

/** What was typed, under the names and with the types of the table; a number that is none is refused by its check. */
function recipeOf(options: Options): { [name: string]: Json } {
  const recipe: { [name: string]: Json } = {}
  for (const [name, { type }] of Object.entries(TRAIN_OPTIONS)) {
    const typed = options[name.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase())]
    if (typed === undefined) continue
    if (type === 'boolean') recipe[name] = typed === true
    else if (type === 'string') recipe[name] = String(typed)
    else recipe[name] = String(typed).trim() === '' ? Number.NaN : Number(typed)
  }
  return recipe
}
