// `duga import <service> <files…>`: a user's own model as a version.
import { Command } from 'commander'
import { importExported, readExported } from '../commands/import-exported.ts'
import { toSetting } from '../commands/import-pairs.ts'
import { importVersion } from '../commands/import-version.ts'
import type { Json } from '../json.ts'
import type { Manifest } from '../manifest.ts'
import { type CliContext, type CommonOptions, serviceNamed } from './context.ts'
import { type Core, withCore } from './core.ts'
import { collectCustom, describeImported, toPair } from './import-options.ts'
import { createOutput, UsageError } from './output.ts'
import { syncModels } from './sync-models.ts'

interface Options extends CommonOptions {
  readonly labels?: string
  readonly set: Readonly<Record<string, Json>>
  readonly custom: Readonly<Record<string, string>>
  readonly check?: readonly string[]
  readonly promote?: boolean
}

export function importCommand(context: CliContext): Command {
  return new Command('import')
    .argument('<service>')
    .argument(
      '<files...>',
      'the files of the model: Keras, TensorFlow.js, scikit-learn …; or what duga export wrote',
    )
    .option('--labels <file>', 'JSON with the class names: an array, or an object {"0":…}')
    .option(
      '--set <key=value>',
      'what the manifest must say and the file does not',
      collectSetting,
      {},
    )
    .option(
      '--custom <name=builtin>',
      'what stands for a custom layer or activation',
      collectCustom,
      {},
    )
    .option('--check <file...>', 'input.npy output.npy: compare with what the original answers')
    .option('--promote', 'serve it at once')
    .description('makes a version of a model that was trained elsewhere')
    .addHelpText(
      'after',
      '\nExample:\n  npx duga import dog dog_breed_classifier_final_model.keras --labels class_indices.json --promote',
    )
    .action((service, files, options) => importModel(context, service, files, options))
}

async function importModel(
  context: CliContext,
  service: string,
  paths: readonly string[],
  options: Options,
): Promise<void> {
  const check = toCheck(options.check)
  await withCore(context, options, async (core) => {
    const { definition, adopter } = serviceNamed(core.services, service)
    const { name } = definition
    await syncModels(core)
    const [folder, ...others] = paths
    const exported = others.length > 0 ? null : await readExported(folder!)
    if (exported !== null) {
      await takeIn(core, { name, folder: folder!, exported }, options)
      return
    }
    const imported = await importVersion(core.registry, { service: name, adopter }, paths, {
      settings: options.set,
      custom: options.custom,
      ...(options.labels !== undefined && { labels: options.labels }),
      ...(check !== null && { check }),
    })
    const { version, inputs, outputs, parameters, warnings, difference } = imported
    if (options.promote) await core.registry.promote(name, version)
    const promoted = options.promote === true
    createOutput(options.json === true).result(
      { version, inputs, outputs, parameters, warnings, promoted, difference },
      [
        ...describeImported(imported),
        ...(difference === null
          ? []
          : [`  differs from the original by at most ${difference.toPrecision(2)}`]),
        promoted
          ? `${name} ${version} serves.`
          : `${name} ${version} is added. To serve it: npx duga promote ${name} ${version}`,
      ].join('\n'),
    )
  })
}

/** What `duga export` wrote. */
async function takeIn(
  { registry }: Core,
  given: { readonly name: string; readonly folder: string; readonly exported: Manifest },
  options: Options,
): Promise<void> {
  const { name, folder, exported } = given
  const { row, parameters } = await importExported(registry, name, folder, exported)
  const { version } = row
  const { inputs, outputs } = row.manifest
  const promoted = options.promote === true
  if (promoted) await registry.promote(name, version)
  createOutput(options.json === true).result(
    { version, inputs, outputs, parameters, warnings: [], promoted },
    promoted
      ? `${name} ${version} serves.`
      : `${name} ${version} is added. To serve it: npx duga promote ${name} ${version}`,
  )
}

function collectSetting(
  text: string,
  before: Readonly<Record<string, Json>>,
): Readonly<Record<string, Json>> {
  const { key, value } = toPair('--set', text)
  return { ...before, [key]: toSetting(value) }
}

/** @throws UsageError */
function toCheck(files: readonly string[] | undefined) {
  if (files === undefined) return null
  const [input, output, ...others] = files
  if (input !== undefined && output !== undefined && others.length === 0) return { input, output }
  throw new UsageError('--check wants two files: input.npy output.npy.')
}
