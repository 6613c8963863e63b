// `duga predict <service> <input…>`: answers without a server, recorded in the history like any other.
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { Command } from 'commander'
import { predict } from '../commands/predict.ts'
import { DugaError } from '../errors.ts'
import type { ServiceModule } from '../http/service-module.ts'
import { type CliContext, type CommonOptions, serviceNamed } from './context.ts'
import { type Core, createCommandEngine, filesOf, withCore } from './core.ts'
import { syncModels } from './sync-models.ts'

export function predictCommand(context: CliContext): Command {
  return new Command('predict')
    .argument('<service>')
    .argument('<input...>', 'files, or texts for a service that takes text')
    .description('answers without a server; many inputs give one JSON line each')
    .addHelpText(
      'after',
      '\nExamples:\n  npx duga predict dog examples/dog.jpg\n  npx duga predict product "susu ultra coklat 250ml"',
    )
    .action((service, inputs, options) => run(context, service, inputs, options))
}

async function run(
  context: CliContext,
  service: string,
  inputs: readonly string[],
  options: CommonOptions,
): Promise<void> {
  await withCore(context, options, async (core) => {
    const module = serviceNamed(core.services, service)
    await syncModels(core)
    const engine = createCommandEngine(core.config)
    try {
      const active = await core.registry.activeVersion(module.definition.name)
      if (active === null) throw new DugaError('model.missing', { service })
      await engine.load(module.definition, await filesOf(core.registry, active))
      const many = inputs.length > 1
      for (const input of inputs) {
        try {
          const answer = await answerOne(core, engine, module, input)
          const line = many ? { input, answer } : answer
          process.stdout.write(`${JSON.stringify(line, null, many || options.json ? 0 : 2)}\n`)
        } catch (error) {
          if (!many || !(error instanceof DugaError)) throw error
          const { code, message, help } = error
          process.stdout.write(`${JSON.stringify({ input, error: { code, message, help } })}\n`)
          context.exitCode = 1
        }
      }
    } finally {
      await engine.close()
    }
  })
}

async function answerOne(
  { stores, clock }: Core,
  engine: ReturnType<typeof createCommandEngine>,
  { definition }: ServiceModule,
  argument: string,
): Promise<unknown> {
  const input =
    definition.input === 'file'
      ? await readInput(argument)
      : await definition.fromArgument(argument)
  const { answer } = await predict({ engine, history: stores.history, clock }, definition, {
    input,
    reference: definition.input === 'file' ? basename(argument) : argument,
    client: null,
    userId: null,
  })
  return answer
}

async function readInput(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path)
  } catch (cause) {
    throw new DugaError('file.unreadable', { path, reason: (cause as Error).message }, { cause })
  }
}
