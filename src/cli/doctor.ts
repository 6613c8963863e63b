// `duga doctor`: checks settings, stores, disk and models, and says how to put each right.
import { constants } from 'node:fs'
import { access, statfs } from 'node:fs/promises'
import { Command } from 'commander'
import type { Config } from '../config.ts'
import { describeTarget } from '../database-target.ts'
import type { ServiceModule } from '../http/service-module.ts'
import { openDatabase, serverVersion } from '../store/database.ts'
import { openHome } from '../store/home.ts'
import { migrationStatus } from '../store/migrate.ts'
import { checkDropIn } from './check-drop-in.ts'
import { checkOutside } from './check-outside.ts'
import { type CliContext, type CommonOptions, configFor } from './context.ts'
import { type Core, createCommandEngine, filesOf, withCore } from './core.ts'
import { createOutput } from './output.ts'
import { syncModels } from './sync-models.ts'

type State = 'ok' | 'warning' | 'error'

export interface Finding {
  readonly check: string
  readonly state: State
  readonly found: string
  /** What to do; empty where all is well. */
  readonly help: string
}

const MIN_FREE_BYTES = 1024 ** 3

export function doctorCommand(context: CliContext): Command {
  return new Command('doctor')
    .description('checks settings, stores, disk and models, and says how to put each right')
    .addHelpText('after', '\nExamples:\n  npx duga doctor\n  npx duga doctor --json')
    .action((options) => doctor(context, options))
}

async function doctor(context: CliContext, options: CommonOptions): Promise<void> {
  const output = createOutput(options.json === true)
  const config = configFor(options)
  const findings: Finding[] = [
    ok('settings', `home ${config.home}, port ${config.port}, ${config.lanes} lanes`),
    checkRuntime(),
  ]
  findings.push(await attempt('home', () => checkHome(config)))
  const database = await attempt('database', () => checkDatabase(config))
  findings.push(database, ...(await checkOutside(config)))
  // The rest stands on the database.
  if (database.state !== 'error') {
    await withCore(context, options, async (core) => {
      findings.push(await attempt('bundled models', () => checkBundled(core)))
      for (const module of core.services) {
        const { name } = module.definition
        findings.push(await attempt(`model of ${name}`, () => checkModel(core, module)))
        const own = await attempt(`own model of ${name}`, () => checkDropIn(core, module))
        if (own !== null) findings.push(own)
      }
    })
  }
  if (findings.some(({ state }) => state === 'error')) context.exitCode = 1
  if (output.json)
    output.list(
      findings.map((finding) => ({ ...finding })),
      [],
    )
  else output.result(findings, findings.map(toText).join('\n'))
}

function checkRuntime(): Finding {
  const memory = process.constrainedMemory()
  const limit = memory > 0 && memory < 2 ** 50 ? `, ${Math.round(memory / 2 ** 20)} MB allowed` : ''
  return ok(
    'runtime',
    `Node ${process.versions.node}, ${navigator.hardwareConcurrency} cores${limit}`,
  )
}

async function checkHome(config: Config): Promise<Finding> {
  await openHome(config.home, config)
  await access(config.home, constants.R_OK | constants.W_OK)
  const { bavail, bsize } = await statfs(config.home)
  const free = bavail * bsize
  const found = `writable, ${(free / 2 ** 30).toFixed(1)} GB free`
  if (free > MIN_FREE_BYTES) return ok('home', found)
  const help = 'Free some disk space, or move DUGA_HOME to a larger disk.'
  return { check: 'home', state: 'warning', found, help }
}

async function checkDatabase(config: Config): Promise<Finding> {
  const db = await openDatabase(config.database, { pool: 1 })
  try {
    const waiting = (await migrationStatus(db)).filter(({ applied }) => applied === null)
    const server = await serverVersion(db)
    const name = `${describeTarget(config.database)}, ${server}`
    if (waiting.length === 0) return ok('database', `${name}, schema up to date`)
    // Every command and the server bring it up by themselves.
    return ok('database', `${name}, ${waiting.length} migrations to run`)
  } finally {
    await db.close()
  }
}

async function checkBundled(core: Core): Promise<Finding> {
  await syncModels(core)
  return ok('bundled models', 'in the registry')
}

async function checkModel(core: Core, { definition }: ServiceModule): Promise<Finding> {
  const { name } = definition
  const check = `model of ${name}`
  const active = await core.registry.activeVersion(name)
  if (active === null) {
    const help = `It answers that it has no model until one is trained or imported.`
    return { check, state: 'warning', found: 'none', help }
  }
  const engine = createCommandEngine(core.config)
  try {
    await engine.load(definition, await filesOf(core.registry, active))
    return ok(check, `${active.version} loads and replays its golden`)
  } finally {
    await engine.close()
  }
}

async function attempt<Found extends Finding | null>(
  check: string,
  work: () => Promise<Found>,
): Promise<Found | Finding> {
  try {
    return await work()
  } catch (error) {
    const { message, help = 'See the message.' } = error as Error & { help?: string }
    return { check, state: 'error', found: message, help }
  }
}

function ok(check: string, found: string): Finding {
  return { check, state: 'ok', found, help: '' }
}

function toText({ check, state, found, help }: Finding): string {
  const mark = { ok: '✓', warning: '!', error: '✗' }[state]
  return `${mark} ${check}: ${found}${help === '' ? '' : `\n    ${help}`}`
}
