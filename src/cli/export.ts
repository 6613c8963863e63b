// `duga export <service> [version] --to <folder>`: a version as files that serve elsewhere.
import { resolve } from 'node:path'
import { Command } from 'commander'
import { exportVersion } from '../commands/export-version.ts'
import { DugaError } from '../errors.ts'
import { type CliContext, type CommonOptions, serviceNamed } from './context.ts'
import { withCore } from './core.ts'
import { createOutput } from './output.ts'
import { syncModels } from './sync-models.ts'

interface Options extends CommonOptions {
  readonly to: string
}

export function exportCommand(context: CliContext): Command {
  return new Command('export')
    .argument('<service>')
    .argument('[version]', 'default: the one that serves')
    .requiredOption('--to <folder>', 'where the files are written')
    .description('writes ONNX, manifest, card and labels of a version, to be served elsewhere')
    .addHelpText('after', '\nExample:\n  npx duga export product v1.0.0 --to product-model/')
    .action((service, version, options) => exportFiles(context, service, version, options))
}

async function exportFiles(
  context: CliContext,
  service: string,
  version: string | undefined,
  options: Options,
): Promise<void> {
  await withCore(context, options, async (core) => {
    const { name } = serviceNamed(core.services, service).definition
    await syncModels(core)
    const row =
      version === undefined
        ? await core.registry.activeVersion(name)
        : await core.registry.getVersion(name, version)
    if (row === null) throw new DugaError('model.missing', { service: name })
    const files = await exportVersion(core.registry, row, resolve(options.to))
    createOutput(options.json === true).result(
      { version: row.version, files },
      [`${name} ${row.version}:`, ...Object.values(files)].join('\n'),
    )
  })
}
