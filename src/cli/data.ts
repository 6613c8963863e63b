// `duga data list | get`: public training data by name.
import { join, resolve } from 'node:path'
import { Command } from 'commander'
import { getPublicData } from '../commands/get-public-data.ts'
import { PUBLIC_SETS, type PublicSet } from '../train/data/public-sets.ts'
import { type CliContext, type CommonOptions, configFor } from './context.ts'
import { createOutput, UsageError } from './output.ts'
import { showProgress } from './progress.ts'

interface GetOptions extends CommonOptions {
  readonly to?: string
  readonly address?: string
  readonly keepArchive?: boolean
  readonly acceptChange?: boolean
}

export function dataCommand(_context: CliContext): Command {
  const command = new Command('data').description('public training data')
  command
    .command('list')
    .description('what can be fetched by name, for which service, on what terms')
    .addHelpText('after', '\nExample:\n  npx duga data list')
    .action((options) => list(options))
  command
    .command('get')
    .argument('<name>')
    .option('--to <folder>', 'where it goes; default: the name, in the data folder (DUGA_DATA)')
    .option('--address <url>', 'a mirror of its (one) archive')
    .option('--keep-archive', 'keep what was downloaded after unpacking it')
    .option('--accept-change', 'take an archive that is not the one of the first time')
    .description('downloads a set, checks its hash and unpacks it; goes on where it stopped')
    .addHelpText('after', '\nExample:\n  npx duga data get stanford-dogs')
    .action((name, options) => get(name, options))
  return command
}

function list(options: CommonOptions): void {
  const items = PUBLIC_SETS.map(({ name, service, title, licence, terms, homepage, archives }) => {
    const sizes = archives.map(({ bytes }) => bytes)
    const bytes = sizes.includes(null) ? null : sizes.reduce((sum, size) => sum! + size!, 0)
    return { name, service, licence, bytes, title, terms, homepage }
  })
  createOutput(options.json === true).list(items, ['name', 'service', 'licence', 'title'])
}

async function get(name: string, options: GetOptions): Promise<void> {
  const output = createOutput(options.json === true)
  const config = configFor(options)
  const set = withAddress(find(name), options.address)
  output.note(`${set.title}\nLicence: ${set.licence}. ${set.terms}\n${set.homepage}`)
  const progress = showProgress(!output.json)
  const stop = new AbortController()
  const interrupt = () => stop.abort(new Error('Interrupted; the same command goes on from here.'))
  process.once('SIGINT', interrupt)
  try {
    const found = await getPublicData(set, {
      to: resolve(options.to ?? join(config.data, set.name)),
      downloads: join(config.home, 'downloads'),
      acceptChange: options.acceptChange === true,
      keepArchives: options.keepArchive === true,
      signal: stop.signal,
      onProgress: (what, done, total) => {
        const text = what === 'downloading' ? `${(done / 1e6).toFixed(1)} MB` : `${done} files`
        progress.update(total > 0 ? done / total : 0, `${what} ${set.name}: ${text}`)
      },
    })
    progress.stop()
    const { folder, files, fetched } = found
    const state = fetched ? `${files} files in` : `It is there already: ${files} files in`
    const next = `Next: npx duga train ${set.service} --data ${folder}`
    output.result({ name: set.name, service: set.service, ...found }, `${state} ${folder}\n${next}`)
  } finally {
    process.removeListener('SIGINT', interrupt)
    progress.stop()
  }
}

function find(name: string): PublicSet {
  const set = PUBLIC_SETS.find((one) => one.name === name)
  if (set !== undefined) return set
  const names = PUBLIC_SETS.map((one) => one.name).join(', ')
  throw new UsageError(`There is no data set "${name}"; there are ${names}.`)
}

function withAddress(set: PublicSet, address: string | undefined): PublicSet {
  if (address === undefined) return set
  const [archive, ...others] = set.archives
  if (archive === undefined || others.length > 0) {
    throw new UsageError(`"${set.name}" comes from several archives; --address is for one.`)
  }
  return { ...set, archives: [{ ...archive, address }] }
}
