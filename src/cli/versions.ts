// `duga versions | promote | rollback <service>`: the registry.
import { Command } from 'commander'
import { presentVersion } from '../commands/present.ts'
import { type CliContext, type CommonOptions, serviceNamed } from './context.ts'
import { withCore } from './core.ts'
import { createOutput } from './output.ts'
import { syncModels } from './sync-models.ts'

export function versionsCommand(context: CliContext): Command {
  return new Command('versions')
    .argument('<service>')
    .description('versions of a service, newest first')
    .addHelpText('after', '\nExample:\n  npx duga versions product')
    .action((service, options) => list(context, service, options))
}

export function promoteCommand(context: CliContext): Command {
  return new Command('promote')
    .argument('<service>')
    .argument('<version>')
    .option('--force', 'also a version that did not pass the gate')
    .description('makes a version the one that serves; a running server follows within 2 s')
    .addHelpText('after', '\nExample:\n  npx duga promote product v1.0.1')
    .action((service, version, options) => promote(context, service, version, options))
}

export function rollbackCommand(context: CliContext): Command {
  return new Command('rollback')
    .argument('<service>')
    .description('goes back to the version that served before')
    .addHelpText('after', '\nExample:\n  npx duga rollback product')
    .action((service, options) => rollBack(context, service, options))
}

async function list(context: CliContext, service: string, options: CommonOptions): Promise<void> {
  await withCore(context, options, async (core) => {
    const { name } = serviceNamed(core.services, service).definition
    await syncModels(core)
    const active = await core.registry.activeVersion(name)
    const rows = await core.registry.listVersions(name)
    const promotions = await core.stores.activeVersions.promotions(name)
    createOutput(options.json === true).list(
      rows.map((row) => presentVersion(row, active?.version ?? null, promotions)),
      ['version', 'active', 'created', 'parent', 'gate', 'metrics'],
    )
  })
}

async function promote(
  context: CliContext,
  service: string,
  version: string,
  options: CommonOptions & { readonly force?: boolean },
): Promise<void> {
  await withCore(context, options, async (core) => {
    const { name } = serviceNamed(core.services, service).definition
    await syncModels(core)
    await core.registry.promote(name, version, { force: options.force === true })
    createOutput(options.json === true).result(
      { service: name, version, active: true },
      `${name} ${version} serves.`,
    )
  })
}

async function rollBack(
  context: CliContext,
  service: string,
  options: CommonOptions,
): Promise<void> {
  await withCore(context, options, async ({ registry, services }) => {
    const { name } = serviceNamed(services, service).definition
    const { version } = await registry.rollBack(name)
    createOutput(options.json === true).result(
      { service: name, version, active: true },
      `${name} is back on ${version}.`,
    )
  })
}
