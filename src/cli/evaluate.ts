// `duga evaluate <service> --data <path> [--version <version>]`: the metrics of a version on labelled data.
import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import { Command } from 'commander'
import { type EvaluatedVersion, evaluateVersion } from '../commands/evaluate-version.ts'
import { createEngine } from '../engine/engine.ts'
import { openLinearText } from '../engine/inline-linear.ts'
import { DugaError } from '../errors.ts'
import type { Json } from '../json.ts'
import { TRAIN_OPTIONS } from '../train/options.ts'
import { type CliContext, type CommonOptions, serviceNamed } from './context.ts'
import { type Core, filesOf, withCore } from './core.ts'
import { createOutput, UsageError } from './output.ts'
import { showProgress } from './progress.ts'
import { syncModels } from './sync-models.ts'

interface Options extends CommonOptions {
  readonly data: string
  readonly version?: string
  readonly report?: string
  readonly nameColumn?: string
  readonly categoryColumn?: string
  readonly normal?: string
}

export function evaluateCommand(context: CliContext): Command {
  return new Command('evaluate')
    .argument('<service>')
    .requiredOption('--data <path>', 'labelled data, as for train')
    .option('--version <version>', 'default: the one that serves')
    .option('--report <folder>', 'where the report goes; default: a folder of the home')
    .option('--name-column <text>', TRAIN_OPTIONS.name_column.description)
    .option('--category-column <text>', TRAIN_OPTIONS.category_column.description)
    .option('--normal <text>', TRAIN_OPTIONS.normal.description)
    .description('judges a version on labelled data, without changing anything')
    .addHelpText(
      'after',
      '\nExamples:\n  npx duga evaluate cough --data recordings/\n  npx duga evaluate product --data names.csv --version v1.0.0 --json',
    )
    .action((service, options) => evaluate(context, service, options))
}

async function evaluate(context: CliContext, service: string, options: Options): Promise<void> {
  const output = createOutput(options.json === true)
  await withCore(context, options, async (core) => {
    const { definition, evaluator, trainOptions = [] } = serviceNamed(core.services, service)
    await syncModels(core)
    const files = await versionFiles(core, definition.name, options.version)
    const { version } = files.manifest
    const own = readingOptions(options)
    for (const name of Object.keys(own)) {
      if (trainOptions.some((option) => option === name)) continue
      throw new UsageError(`--${name.replaceAll('_', '-')} is not for ${definition.name}.`)
    }
    const report = options.report
      ? resolve(options.report)
      : join(resolve(core.home.reports), `evaluation-${service}-${version}-${core.clock.now()}`)
    const { lanes } = core.config
    const threads = Math.max(1, Math.floor(availableParallelism() / lanes))
    const engine = createEngine({ lanes, threads, graphs: [openLinearText] })
    const progress = showProgress(!output.json)
    const ending = new AbortController()
    process.once('SIGINT', () => ending.abort())
    try {
      const evaluated = await evaluateVersion({
        ...{ engine, clock: core.clock, definition, evaluator, files, reportFolder: report },
        parameters: { ...own, data: resolve(options.data) },
        ...{ signal: ending.signal, progress: progress.update },
      })
      progress.stop()
      const { rows, metrics } = evaluated.evaluation
      output.result({ version, rows, metrics, report }, toText(service, version, report, evaluated))
    } finally {
      progress.stop()
      await engine.close()
    }
  })
}

async function versionFiles(core: Core, service: string, version: string | undefined) {
  const row =
    version === undefined
      ? await core.registry.activeVersion(service)
      : await core.registry.getVersion(service, version)
  if (row === null) throw new DugaError('model.missing', { service })
  return await filesOf(core.registry, row)
}

/** Those that say how the data is read. */
function readingOptions(options: Options): Record<string, Json> {
  const { nameColumn, categoryColumn, normal } = options
  const given = { name_column: nameColumn, category_column: categoryColumn, normal }
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}

const SHOWN = 10

function toText(
  service: string,
  version: string,
  report: string,
  { evaluation, notices, skipped }: EvaluatedVersion,
): string {
  const more = skipped.length > SHOWN ? [`note: ${skipped.length - SHOWN} more were left out.`] : []
  return [
    `${service} ${version} on ${evaluation.rows} rows`,
    ...notices.map((notice) => `note: ${notice}`),
    ...skipped.slice(0, SHOWN).map(({ file, reason }) => `note: left out ${file}: ${reason}`),
    ...more,
    ...Object.entries(evaluation.metrics).map(([name, value]) => `  ${name} ${value.toFixed(4)}`),
    `Report: ${join(report, 'index.html')}`,
  ].join('\n')
}
