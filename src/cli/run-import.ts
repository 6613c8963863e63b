// `duga run-import`: the process that the server starts for one import. Not for people, and not in the help.
import { once } from 'node:events'
import { Command } from 'commander'
import type { ImportAnswer, ImportRequest } from '../commands/import-aside.ts'
import { importVersion } from '../commands/import-version.ts'
import { DugaError } from '../errors.ts'
import { type CliContext, type CommonOptions, serviceNamed } from './context.ts'
import { type Core, withCore } from './core.ts'

export function runImportCommand(context: CliContext): Command {
  const command = new Command('run-import').description('imports what it is sent, and ends')
  return command.action((options: CommonOptions) => run(context, options))
}

async function run(context: CliContext, options: CommonOptions): Promise<void> {
  // The server is gone, and nobody waits for the answer.
  const leave = (): never => process.exit(1)
  process.once('disconnect', leave)
  const [request] = (await once(process, 'message')) as [ImportRequest]
  const answer = await withCore(context, options, (core) => answerTo(core, request))
  process.off('disconnect', leave)
  process.send!(answer, () => process.disconnect())
}

async function answerTo(core: Core, request: ImportRequest): Promise<ImportAnswer> {
  const { service, files, options } = request
  const { adopter } = serviceNamed(core.services, service)
  try {
    return { imported: await importVersion(core.registry, { service, adopter }, files, options) }
  } catch (error) {
    if (error instanceof DugaError) {
      return { refused: { code: error.code, parameters: error.parameters } }
    }
    return { failed: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}
