// `duga convert <files…> --to <folder>`: any importable model → ONNX and what is known of it, with no service.
import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { Command } from 'commander'
import { type ConvertedModel, convertModel } from '../commands/convert-model.ts'
import type { CliContext, CommonOptions } from './context.ts'
import { collectCustom, describeImported } from './import-options.ts'
import { createOutput } from './output.ts'

interface Options extends CommonOptions {
  readonly to: string
  readonly labels?: string
  readonly custom: Readonly<Record<string, string>>
}

export function convertCommand(_context: CliContext): Command {
  return new Command('convert')
    .argument('<files...>', 'the files of one model')
    .requiredOption('--to <folder>', 'where model.onnx and manifest.json are written')
    .option('--labels <file>', 'JSON with the class names: an array, or an object {"0":…}')
    .option(
      '--custom <name=builtin>',
      'what stands for a custom layer or activation',
      collectCustom,
      {},
    )
    .description('turns any importable model into ONNX and a manifest')
    .addHelpText('after', '\nExample:\n  npx duga convert classifier.keras --to converted/')
    .action((files: readonly string[], options: Options) => convert(files, options))
}

async function convert(paths: readonly string[], options: Options): Promise<void> {
  const converted = await convertModel(paths, {
    custom: options.custom,
    labels: options.labels ?? null,
  })
  const files = await writeFolder(resolve(options.to), converted)
  const { inputs, outputs, parameters, warnings } = converted
  createOutput(options.json === true).result(
    { files, inputs, outputs, parameters, warnings },
    [...describeImported(converted), ...Object.values(files)].join('\n'),
  )
}

async function writeFolder(
  folder: string,
  { files, manifest }: ConvertedModel,
): Promise<Record<string, string>> {
  await mkdir(folder, { recursive: true })
  const written: Record<string, string> = {}
  for (const [role, { name, bytes }] of Object.entries(files)) {
    written[role] = join(folder, name)
    await writeFile(written[role], bytes)
  }
  written.manifest = join(folder, 'manifest.json')
  await writeFile(written.manifest, `${JSON.stringify(manifest, null, 2)}\n`)
  return written
}
